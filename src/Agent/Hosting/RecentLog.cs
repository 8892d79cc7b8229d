using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Hosting;

/// <summary>The last lines of the program's log, for operators.</summary>
internal sealed class RecentLog(TimeProvider clock) : ILoggerProvider
{
    private readonly TimeProvider _clock = clock;

    public EventRing<LogEntry> Ring { get; } = new(500);

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Writer(RecentLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Ring.Add(new LogEntry(
                log._clock.GetUtcNow(), logLevel, eventId.Id, category, exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception.Message}"));
    }
}

/// <summary>One line of the log.</summary>
internal sealed record LogEntry(DateTimeOffset At, LogLevel Level, int Event, string Category, string Text);
