using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Benchmarks.Load;

/// <summary>A service that has passwords validated by the gateway, one at a time, on a connection that is kept.</summary>
internal sealed class ValidationClient(HttpMessageInvoker http, Uri endpoint, string apiKey, TimeSpan timeout, StageLog stages)
    : IPasswordChecker
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private readonly AuthenticationHeaderValue _authorization = new("Bearer", apiKey);

    public async ValueTask<CheckAnswer> CheckAsync(string userName, string password, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout);
        try
        {
            // Names and passwords of this benchmark hold nothing that JSON would escape.
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"userName":"{{userName}}","password":"{{password}}"}""")),
            };
            request.Content.Headers.ContentType = JsonType;
            request.Headers.Authorization = _authorization;
            using var response = await http.SendAsync(request, deadline.Token);
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
            {
                return new CheckAnswer(CheckOutcome.NoVerdict, $"HTTP {(int)response.StatusCode}");
            }

            var reply = await response.Content.ReadFromJsonAsync(ReplyJson.Default.Reply, deadline.Token);
            return reply is null ? new CheckAnswer(CheckOutcome.NoVerdict, "an empty reply") : Read(reply);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return CheckAnswer.TimedOut;
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException)
        {
            return new CheckAnswer(CheckOutcome.NoVerdict, fault.Message);
        }
    }

    public void Dispose()
    {
        // The connections are the invoker's, which all clients share.
    }

    private CheckAnswer Read(Reply reply)
    {
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
}

/// <summary>What the benchmark reads of a validation's reply.</summary>
internal sealed record Reply(string Verdict, Timings Timings);

/// <summary>Microseconds, as the agent and the gateway measured them.</summary>
internal readonly record struct Timings(uint QueueUs, uint LookupUs, uint PermitUs, uint UnsealUs, uint BindUs, uint AgentUs, uint TotalUs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Reply))]
internal sealed partial class ReplyJson : JsonSerializerContext;
