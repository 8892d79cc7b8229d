namespace Passthrough.Decisions.Lockout;

/// <summary>Interim permits of a name of nobody. No bind follows, so nothing is at stake but that it looks like all others: as many as
/// are held back of an account's budget, then none.</summary>
/// <param name="Taken">Since it was first asked.</param>
/// <param name="Since">By a clock that does not jump.</param>
public readonly record struct NobodysPermits(int Taken, DateTimeOffset Since)
{
    /// <summary>Longer than the cluster takes to decide who owns a dead node's accounts; then the name begins anew.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    /// <summary>Whether it need not be remembered any more.</summary>
    public bool IsPast(DateTimeOffset now) => now - Since > Memory;

    /// <summary>What is remembered after one more was asked for and given; null: none is left.</summary>
    /// <param name="before">Null: it was not asked for yet.</param>
    /// <param name="held">Held back of each budget.</param>
    public static NobodysPermits? Take(NobodysPermits? before, int held, DateTimeOffset now) =>
        before is { } known && !known.IsPast(now)
            ? known.Taken < held ? known with { Taken = known.Taken + 1 } : null
            : held > 0 ? new NobodysPermits(1, now) : null;
}
