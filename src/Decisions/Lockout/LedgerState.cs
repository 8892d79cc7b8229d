using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>What the ledger of one shard stores: every account of the shard that is not clean.</summary>
public sealed record LedgerState
{
    public static readonly LedgerState Empty = new();

    public ImmutableDictionary<AccountKey, AccountState> Entries { get; init; } = ImmutableDictionary<AccountKey, AccountState>.Empty;

    /// <summary>Whether it was opened and not closed since. If it is when a ledger starts, the one before crashed.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What the last ledger that opened it said of itself; null if none did.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>As it was closed: since when a crash is not accounted for; null if all is.</summary>
    public DateTimeOffset? CrashSeenAt { get; init; }

    public static LedgerState Apply(LedgerState ledger, IEvent what) => what switch
    {
        LedgerOpened e => ledger with { IsOpen = true, OpenedAt = e.At, CrashSeenAt = null },
        LedgerClosed e => ledger with { IsOpen = false, CrashSeenAt = e.CrashSeenAt },
        IFact fact => Put(ledger, fact.Account, AccountState.Apply(ledger.Find(fact.Account), fact)),
        _ => ledger,
    };

    /// <summary>What is stored of an account; clean if nothing is.</summary>
    public AccountState Find(AccountKey account) => Entries.GetValueOrDefault(account, AccountState.Clean);

    /// <summary>Without the entries that say nothing any more.</summary>
    public LedgerState Pruned(DateTimeOffset now, LockoutPolicy policy) => this with
    {
        Entries = Entries.RemoveRange(Entries.Where(entry => entry.Value.IsForgotten(now, policy)).Select(entry => entry.Key)),
    };

    private static LedgerState Put(LedgerState ledger, AccountKey account, AccountState state) => ledger with
    {
        Entries = state.IsClean
            ? ledger.Entries.Remove(account)
            : ledger.Entries.SetItem(account, state with { IsWritten = true }),
    };
}
