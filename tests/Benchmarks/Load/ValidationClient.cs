using System.Text.Json.Serialization;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Benchmarks.Load;

/// <summary>A service that has passwords validated by the gateway, one at a time, on a connection that is kept.</summary>
internal sealed class ValidationClient(ValidationService service, StageLog stages) : IPasswordChecker
{
    public async ValueTask<CheckAnswer> CheckAsync(string userName, string password, CancellationToken cancel)
    {
        var (reply, fault) = await service.ValidateAsync(userName, password, cancel);
        if (reply is null)
        {
            return new CheckAnswer(CheckOutcome.NoVerdict, fault!);
        }

        stages.Add(reply.Timings);
        return new CheckAnswer(
            reply.Verdict switch
            {
                nameof(Verdict.Success) => CheckOutcome.Right,
                nameof(Verdict.BadPassword) or nameof(Verdict.BadPasswordRepeated) => CheckOutcome.Wrong,
                _ => CheckOutcome.NoVerdict,
            },
            reply.Verdict);
    }

    public void Dispose()
    {
        // The connections are the invoker's, which all clients share.
    }
}

/// <summary>What the benchmark reads of a validation's reply.</summary>
internal sealed record Reply(string Verdict, Timings Timings);

/// <summary>Microseconds, as the agent and the gateway measured them.</summary>
internal readonly record struct Timings(uint QueueUs, uint LookupUs, uint PermitUs, uint UnsealUs, uint BindUs, uint AgentUs, uint TotalUs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Reply))]
internal sealed partial class ReplyJson : JsonSerializerContext;
