namespace Passthrough.Agent.Connector;

/// <summary>The stream's version and its bounds.</summary>
internal static class StreamLimits
{
    public const uint OldestVersion = 1;
    public const uint NewestVersion = 1;

    /// <summary>From dialling to the gateway's greeting.</summary>
    public static readonly TimeSpan GreetingTimeout = TimeSpan.FromSeconds(15);

    /// <summary>What the gateway asks for, kept sane: a wrong number must neither flood nor leave a dead stream unseen.</summary>
    public static TimeSpan Heartbeat(uint milliseconds) => TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 100, 60_000));
}
