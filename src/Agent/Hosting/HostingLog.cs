using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(2520, LogLevel.Information, "Agent {AgentId} ({AgentName}) of tenant {Tenant}, version {Version}, serves {Forests}")]
    public static partial void Serving(
        this ILogger log, string agentId, string agentName, string tenant, string version, string forests);
}
