using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Peers;

/// <summary>Events 2700 to 2719.</summary>
internal static partial class PeersLog
{
    [LoggerMessage(2700, LogLevel.Warning, "Refused as a node: {Who}: {Why}")]
    public static partial void PeerRefused(this ILogger log, string who, string why);

    [LoggerMessage(2701, LogLevel.Error, "No node can connect for a second: {Reason}")]
    public static partial void NotAccepted(this ILogger log, string reason);
}
