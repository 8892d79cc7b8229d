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

    [LoggerMessage(2545, LogLevel.Warning,
        "The names of forest {Forest} cannot be read, those that are known stay in force; it is tried again: {Fault}")]
    public static partial void NamesNotRead(this ILogger log, string forest, string fault);

    [LoggerMessage(2546, LogLevel.Information, "The names of forest {Forest} can be read again, from {DomainController}")]
    public static partial void NamesReadAgain(this ILogger log, string forest, string domainController);

    [LoggerMessage(2547, LogLevel.Information,
        "Forest {Forest} has {Domains} domains and {Suffixes} UPN suffixes, as version {Version} from {DomainController} says")]
    public static partial void NamesInForce(this ILogger log, string forest, int domains, int suffixes, long version, string domainController);

    [LoggerMessage(2544, LogLevel.Error, "A forest is not served for now: {Fault}")]
    public static partial void ForestUnusable(this ILogger log, StartFault fault);
}
