using Google.Protobuf;
using Grpc.Core;
using Passthrough.Agent.Attempts;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Support;

/// <summary>What a scripted gateway says and hears.</summary>
internal static class Script
{
    /// <param name="heartbeatMs">By default so long that no silence matters.</param>
    public static async Task<Hello> WelcomeAsync(
        IAsyncStreamReader<FromAgent> fromAgent, IServerStreamWriter<FromGateway> toAgent, uint heartbeatMs = 60_000,
        LockoutNumbers? policy = null)
    {
        Assert.True(await fromAgent.MoveNext(default));
        await toAgent.WriteAsync(new FromGateway
        {
            Welcome = new Welcome
            {
                Version = 1,
                GatewayInstance = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
                HeartbeatMs = heartbeatMs,
                Tenant = "acme",
                Forests = { "corp.example" },
                LockoutPolicy = policy,
            },
        });
        return fromAgent.Current.Hello;
    }

    /// <summary>What the agent says, until it drains: a gateway that has nothing in flight closes the stream then.</summary>
    public static async IAsyncEnumerable<FromAgent> UntilDrainingAsync(
        this IAsyncStreamReader<FromAgent> fromAgent, ServerCallContext context)
    {
        await foreach (var message in fromAgent.ReadAllAsync(context.CancellationToken))
        {
            if (message.BodyCase == FromAgent.BodyOneofCase.Draining)
            {
                yield break;
            }

            yield return message;
        }
    }

    public static async Task IdleAsync(this IAsyncStreamReader<FromAgent> fromAgent, ServerCallContext context)
    {
        await foreach (var _ in fromAgent.UntilDrainingAsync(context))
        {
        }
    }

    /// <summary>One that nobody opens: its header is in order, its wraps are missing.</summary>
    public static FromGateway Attempt() => new()
    {
        Attempt = new Attempt
        {
            Header = ByteString.CopyFrom(
                new AttemptHeader("acme", "corp.example", Guid.CreateVersion7(), "anna@corp.example", 1, 8_000, 1, Guid.NewGuid()).Encode()),
            RemainingMs = 8_000,
        },
    };

    /// <summary>Work that answers without looking.</summary>
    public static Task<FromAgent?> Answer(IncomingAttempt incoming)
    {
        Assert.Equal(UnwrapFault.None, AttemptHeader.Decode(incoming.Attempt.Header.Span, out var header));
        var id = ByteString.CopyFrom(header!.AttemptId.ToByteArray(bigEndian: true));
        return Task.FromResult<FromAgent?>(new FromAgent { Answer = new Answer { AttemptId = id, AttemptNumber = 1 } });
    }

    public static Guid? AttemptOf(FromAgent message) => message.BodyCase switch
    {
        FromAgent.BodyOneofCase.Answer => new Guid(message.Answer.AttemptId.Span, bigEndian: true),
        FromAgent.BodyOneofCase.NotAttempted => new Guid(message.NotAttempted.AttemptId.Span, bigEndian: true),
        _ => null,
    };
}
