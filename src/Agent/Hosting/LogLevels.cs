using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Passthrough.Agent.Hosting;

/// <summary>How much the program says, by category; an operator may have it say more for a time. The loggers keep what follows from it,
/// so a line that is not said costs what it always does.</summary>
internal sealed class LogLevels(TimeProvider clock) : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IDisposable
{
    public const LogLevel Usual = LogLevel.Information;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Setting> _settings = new(StringComparer.Ordinal);
    private CancellationTokenSource _change = new();

    public string Name => Options.DefaultName;

    /// <summary>What differs from the usual now.</summary>
    public IReadOnlyList<(string Category, LogLevel Level, DateTimeOffset Until)> Now
    {
        get
        {
            lock (_lock)
            {
                return [.. _settings.Select(pair => (pair.Key, pair.Value.Level, pair.Value.Until))];
            }
        }
    }

    /// <param name="category">The beginning of a category's name.</param>
    public void Set(string category, LogLevel level, TimeSpan time)
    {
        lock (_lock)
        {
            if (_settings.Remove(category, out var before))
            {
                before.End.Dispose();
            }

            _settings[category] = new Setting(level, clock.GetUtcNow() + time, clock.CreateTimer(_ => Reset(category), null, time, Timeout.InfiniteTimeSpan));
        }

        Tell();
    }

    public void Configure(LoggerFilterOptions options)
    {
        foreach (var (category, level, _) in Now)
        {
            options.Rules.Add(new LoggerFilterRule(null, category, level, null));
        }
    }

    public IChangeToken GetChangeToken()
    {
        lock (_lock)
        {
            return new CancellationChangeToken(_change.Token);
        }
    }

    public void Dispose()
    {
        foreach (var setting in _settings.Values)
        {
            setting.End.Dispose();
        }

        _change.Dispose();
    }

    private void Reset(string category)
    {
        lock (_lock)
        {
            if (_settings.Remove(category, out var ended))
            {
                ended.End.Dispose();
            }
        }

        Tell();
    }

    private void Tell()
    {
        CancellationTokenSource told;
        lock (_lock)
        {
            (told, _change) = (_change, new CancellationTokenSource());
        }

        told.Cancel();
    }

    private sealed record Setting(LogLevel Level, DateTimeOffset Until, ITimer End);
}
