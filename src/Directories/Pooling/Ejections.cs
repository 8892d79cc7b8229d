using System.Collections.Concurrent;

namespace Passthrough.Directories.Pooling;

/// <summary>The controllers of a forest that an operator has taken out, each for a time. Lives as long as the process.</summary>
internal sealed class Ejections(MonotonicClock clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.OrdinalIgnoreCase);

    public void Add(string controller, TimeSpan time) => _until[controller] = clock.Now + time;

    /// <returns>False: it was not among them.</returns>
    public bool Remove(string controller) => _until.TryRemove(controller, out var until) && until > clock.Now;

    /// <summary>Null: it is not ejected.</summary>
    public DateTimeOffset? UntilOf(string controller) =>
        !_until.IsEmpty && _until.TryGetValue(controller, out var until) && until > clock.Now ? until : null;
}
