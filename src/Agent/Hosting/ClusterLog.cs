using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Hosting;

/// <summary>Events 2500 to 2519.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(2500, LogLevel.Information, "Node {Address} is ready in a cluster of {Members}, after {ElapsedMs:F0} ms")]
    public static partial void NodeReady(this ILogger log, string address, int members, double elapsedMs);

    [LoggerMessage(2501, LogLevel.Error,
        "The node starts without its journal: {Why}. Failures and locks that are in it are not known, and wrong passwords are counted in memory until it is back; {Runbook} says what to do")]
    public static partial void StartsWithoutJournal(this ILogger log, string why, string runbook);

    [LoggerMessage(2502, LogLevel.Critical, "The journal is back and cannot be used, so the node stops: {Why}")]
    public static partial void JournalIsUnfit(this ILogger log, string why);
}
