using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>Keeps every log line of every category at every level, for tests that ask what was said and what was not.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, int EventId, string Text)> _lines = new();

    public IReadOnlyCollection<(LogLevel Level, int EventId, string Text)> All => _lines;

    public ILogger CreateLogger(string categoryName) => new Keeper(_lines);

    public void Dispose()
    {
    }

    private sealed class Keeper(ConcurrentQueue<(LogLevel, int, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, eventId.Id, $"{formatter(state, exception)} {exception}"));
    }
}
