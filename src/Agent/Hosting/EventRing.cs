using System.Collections.Immutable;

namespace Passthrough.Agent.Hosting;

/// <summary>What happened lately, bounded: the newest are kept. Safe for concurrent use.</summary>
internal sealed class EventRing<T>(int capacity)
{
    private readonly T[] _items = new T[capacity];
    private readonly Lock _lock = new();
    private long _count;

    public void Add(T item)
    {
        lock (_lock)
        {
            _items[_count++ % capacity] = item;
        }
    }

    /// <summary>What was added since, the oldest first.</summary>
    /// <param name="cursor">0: all that is kept; or what the call before gave.</param>
    /// <returns>How many were added and not kept, too.</returns>
    public (ImmutableArray<T> Items, long Lost, long Cursor) Since(long cursor)
    {
        lock (_lock)
        {
            // A cursor of a process that was here before says nothing.
            var seen = cursor == 0 || cursor - 1 > _count ? 0 : cursor - 1;
            var first = Math.Max(seen, _count - capacity);
            return ([.. Kept(first)], cursor == 0 ? 0 : first - seen, _count + 1);
        }
    }

    private IEnumerable<T> Kept(long first)
    {
        for (var at = first; at < _count; at++)
        {
            yield return _items[at % capacity];
        }
    }
}
