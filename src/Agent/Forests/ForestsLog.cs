using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Forests;

internal static partial class ForestsLog
{
    [LoggerMessage(2541, LogLevel.Warning, "Forest {Forest} is configured here, but this agent is not enrolled for it: it is not served")]
    public static partial void NotEnrolledFor(this ILogger log, string forest);

    [LoggerMessage(2542, LogLevel.Warning, "This agent is enrolled for forest {Forest}, which is not configured here: it is not served")]
    public static partial void NotConfigured(this ILogger log, string forest);

    [LoggerMessage(2543, LogLevel.Information, "Domain controller {Line}")]
    public static partial void DomainControllerChecked(this ILogger log, string line);

    [LoggerMessage(2544, LogLevel.Error, "A forest is not served for now: {Fault}")]
    public static partial void ForestUnusable(this ILogger log, StartFault fault);
}
