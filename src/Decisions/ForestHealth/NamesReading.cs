namespace Passthrough.Decisions.ForestHealth;

/// <summary>When a forest's names are read.</summary>
/// <param name="DueAt">Not before; by a clock that does not jump.</param>
/// <param name="Failures">In a row, since the last time they were read.</param>
/// <param name="AskedAt">When the node was asked that has not answered yet; null: none was.</param>
public readonly record struct NamesReading(DateTimeOffset DueAt, int Failures = 0, DateTimeOffset? AskedAt = null)
{
    /// <summary>Between two readings. Who cannot wait for it says so (<see cref="Now"/>).</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    /// <summary>After a failure; twice as long after each further one, up to the interval.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    /// <summary>A node that has not answered by then will not: longer than it has for the reading (10 s).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    /// <summary>A node should be asked, if there is one.</summary>
    public bool IsDue(DateTimeOffset now) => AskedAt is null && now >= DueAt;

    /// <summary>The node that was asked has died, or its answer was lost.</summary>
    public bool IsLost(DateTimeOffset now) => now - AskedAt >= Patience;

    public NamesReading Asked(DateTimeOffset now) => this with { AskedAt = now };

    public static NamesReading Done(DateTimeOffset now) => new(now + Interval);

    public NamesReading Failed(DateTimeOffset now)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(Failures, 10));
        return new(now + (pause < Interval ? pause : Interval), Math.Min(Failures, int.MaxValue - 1) + 1);
    }

    /// <summary>Somebody cannot wait.</summary>
    public NamesReading Now(DateTimeOffset now) => this with { DueAt = now };
}
