using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Passthrough.Agent.Hosting;

/// <summary>Lines for a service manager's journal: one each, with UTC time. All loggers of a process share the levels and the memory.</summary>
internal sealed class AgentLogging(TimeProvider clock) : IDisposable
{
    public LogLevels Levels { get; } = new(clock);

    public RecentLog Recent { get; } = new(clock);

    public void Configure(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevels.Usual)
            // Four lines for each request of a console or a page.
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.Warning)
            // Told to who asks, each time that he asks.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            })
            .AddProvider(Recent);
        logging.Services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(Levels);
        logging.Services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(Levels);
    }

    public void Dispose() => Levels.Dispose();
}
