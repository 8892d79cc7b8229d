using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Peers;

/// <summary>Events 2700 to 2719.</summary>
internal static partial class PeersLog
{
    [LoggerMessage(2700, LogLevel.Warning, "Refused as a node: {Who}: {Why}")]
    public static partial void PeerRefused(this ILogger log, string who, string why);

    [LoggerMessage(2701, LogLevel.Error, "No node can connect for a second: {Reason}")]
    public static partial void NotAccepted(this ILogger log, string reason);

    [LoggerMessage(2702, LogLevel.Warning, "Not in a cluster after {ElapsedMs:F0} ms, and so without work: {Why}")]
    public static partial void NotLetIn(this ILogger log, double elapsedMs, string why);

    [LoggerMessage(2703, LogLevel.Error,
        "Agents of this tenant keep their journal elsewhere and count for themselves: {Agents}; a guesser has the budget once in each journal. Give all of them one PostgreSQL journal (docs/HIGH_AVAILABILITY.md)")]
    public static partial void CountsApart(this ILogger log, string agents);

    [LoggerMessage(2704, LogLevel.Warning, "No gateway tells of peers: {Gateway}: {Reason}")]
    public static partial void NotTold(this ILogger log, Uri gateway, string reason);

    [LoggerMessage(2705, LogLevel.Error, "The list of peers cannot be kept in {File} for a start without a gateway: {Reason}")]
    public static partial void PeersNotKept(this ILogger log, string file, string reason);

    [LoggerMessage(2706, LogLevel.Error, "The list of peers in {File} cannot be used ({Reason}): this agent waits for a gateway to tell it anew")]
    public static partial void KeptPeersUnusable(this ILogger log, string file, string reason);
}
