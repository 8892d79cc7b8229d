using Grpc.Core;
using Passthrough.Wire;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>The first message of each side of a stream.</summary>
internal static class AgentGreeting
{
    public const uint MaxCredits = 65_535;
    private const int MaxVersionText = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The agent's Hello, checked.</summary>
    /// <exception cref="RpcException">Something else came first, nothing came in time, or it is out of range.</exception>
    public static async Task<Hello> ReadAsync(IAsyncStreamReader<FromAgent> requests, TimeProvider time, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            var hello = await requests.MoveNext(either.Token) ? requests.Current.Hello : null;
            return hello is null ? throw Refusal("the first message must be Hello")
                : hello.Credits is 0 or > MaxCredits ? throw Refusal($"credits must be 1 to {MaxCredits}")
                : hello.SealingKey is null ? throw Refusal("Hello must offer a sealing key")
                : hello;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "no Hello came in time"));
        }
    }

    /// <summary>Null if the two programs share a version; else what to tell the agent.</summary>
    public static Refused? Meet(Hello hello, out uint version)
    {
        version = ProtocolVersions.Negotiate(hello.OldestVersion, hello.NewestVersion) ?? 0;
        return version > 0 ? null : new Refused
        {
            Reason = $"this gateway speaks versions {ProtocolVersions.Oldest} to {ProtocolVersions.Newest} of the stream's protocol, "
                + $"the agent {hello.OldestVersion} to {hello.NewestVersion}: update whichever is older",
            OldestVersion = ProtocolVersions.Oldest,
            NewestVersion = ProtocolVersions.Newest,
        };
    }

    public static string VersionOf(Hello hello) => Printable(hello.ProgramVersion, MaxVersionText);

    /// <summary>Text from an agent, fit for a log and a table: bounded, and without control characters.</summary>
    public static string Printable(string text, int maxLength) =>
        string.Concat(text.Take(maxLength).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    private static RpcException Refusal(string message) => new(new Status(StatusCode.InvalidArgument, message));
}
