using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>What the ledger of one shard stores: every account of the shard that is not clean, or of
/// which a familiar source is known.</summary>
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

    /// <summary>Without what is older than it is remembered.</summary>
    public LedgerState Pruned(DateTimeOffset now, LockoutPolicy policy) => Entries
        .Select(entry => (Account: entry.Key, Before: entry.Value, After: Pruned(entry.Value, now, policy)))
        .Where(entry => entry.After != entry.Before)
        .Aggregate(this, (ledger, entry) => Put(ledger, entry.Account, entry.After));

    private static AccountState Pruned(AccountState state, DateTimeOffset now, LockoutPolicy policy) => state with
    {
        Unfamiliar = state.Unfamiliar.IsClean || state.Unfamiliar.IsForgotten(now, policy) ? ClassState.Clean : state.Unfamiliar,
        Familiar = state.Familiar.IsClean || state.Familiar.IsForgotten(now, policy) ? ClassState.Clean : state.Familiar,
        Sources = state.Sources.RemoveAll(source => !source.IsRemembered(now, policy)),
    };

    private static LedgerState Put(LedgerState ledger, AccountKey account, AccountState state) => ledger with
    {
        Entries = state.IsClean && state.Sources.IsEmpty
            ? ledger.Entries.Remove(account)
            : ledger.Entries.SetItem(account, state with { Unfamiliar = Written(state.Unfamiliar), Familiar = Written(state.Familiar) }),
    };

    private static ClassState Written(ClassState state) =>
        state.IsClean ? ClassState.Clean : state.IsWritten ? state : state with { IsWritten = true };
}
