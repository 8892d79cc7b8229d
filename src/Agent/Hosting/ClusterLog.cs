using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Hosting;

/// <summary>Events 2500 to 2519.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(2500, LogLevel.Information, "Node {Address} is ready in a cluster of {Members}, after {ElapsedMs:F0} ms")]
    public static partial void NodeReady(this ILogger log, string address, int members, double elapsedMs);
}
