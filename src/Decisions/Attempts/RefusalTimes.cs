using System.Collections.Immutable;

namespace Passthrough.Decisions.Attempts;

/// <summary>How long the latest wrong passwords of a forest took to be refused. A name of nobody is refused without asking a
/// domain controller: so that it takes neither more nor less time, it is given the time of one of these.</summary>
public sealed class RefusalTimes
{
    /// <summary>Enough for the spread of a controller's times, few enough to follow when they change.</summary>
    public const int Kept = 64;

    /// <summary>Before anybody's password was wrong.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(20);

    public static readonly RefusalTimes None = new([]);

    private readonly ImmutableArray<TimeSpan> _times;

    private RefusalTimes(ImmutableArray<TimeSpan> times) => _times = times;

    public RefusalTimes With(TimeSpan time) => new([time, .. _times.AsSpan()[..Math.Min(_times.Length, Kept - 1)]]);

    /// <param name="random">Any number, all equally likely.</param>
    public TimeSpan Draw(uint random) => _times.IsEmpty ? First : _times[(int)(random % (uint)_times.Length)];
}
