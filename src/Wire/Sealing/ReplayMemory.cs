namespace Passthrough.Wire.Sealing;

/// <summary>What one session has opened. Exact, not a window: a wrap may come up to half a minute late, by way of a peer. It
/// grows only by what was authenticated, and at most to 2^20 entries: the counters' own limit.</summary>
internal sealed class ReplayMemory
{
    private const int PageBits = 1 << 14;
    private const int PageCount = (int)SealingLimits.MaxSessionMessages / PageBits;

    private readonly Lock _gate = new();
    private readonly ulong[]?[] _pages = new ulong[PageCount][];
    private readonly HashSet<(Guid AttemptId, ushort Number)> _attempts = [];

    /// <param name="counter">Less than <see cref="SealingLimits.MaxSessionMessages"/>.</param>
    public bool Contains(ulong counter)
    {
        lock (_gate)
        {
            return _pages[counter / PageBits] is { } page && (page[Word(counter)] & Bit(counter)) != 0;
        }
    }

    /// <summary>False if the counter or the attempt was there already; both are remembered in any case.</summary>
    /// <param name="header">Null if it is authentic but cannot be read: then only the counter is remembered.</param>
    public bool TryAdd(ulong counter, AttemptHeader? header)
    {
        lock (_gate)
        {
            var page = _pages[counter / PageBits] ??= new ulong[PageBits / 64];
            var isNew = (page[Word(counter)] & Bit(counter)) == 0;
            page[Word(counter)] |= Bit(counter);
            return (header is null || _attempts.Add((header.AttemptId, header.AttemptNumber))) && isNew;
        }
    }

    private static int Word(ulong counter) => (int)(counter % PageBits / 64);

    private static ulong Bit(ulong counter) => 1UL << (int)(counter % 64);
}
