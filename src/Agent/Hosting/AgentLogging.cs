using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Passthrough.Agent.Hosting;

/// <summary>Lines for a service manager's journal: one each, with UTC time.</summary>
internal static class AgentLogging
{
    public static void Configure(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
}
