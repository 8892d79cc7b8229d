using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>Which accounts of a shard are in memory, and so which of them may have lost a permit that was granted from memory.
/// Lives as long as the ledger's process; never stored.</summary>
public sealed record Attendance
{
    private ImmutableHashSet<AccountKey> Present { get; init; } = [];

    /// <summary>Left in good order since the recovery; kept only while <see cref="CrashSeenAt"/> is of consequence.</summary>
    private ImmutableHashSet<AccountKey> Left { get; init; } = [];

    /// <summary>In memory since before the journal could be read: they were not told of a crash before that.</summary>
    private ImmutableHashSet<AccountKey> Unaware { get; init; } = [];

    /// <summary>When a ledger found that the one before it had crashed, and not all accounts have entered since; null if there
    /// was no crash that matters.</summary>
    public DateTimeOffset? CrashSeenAt { get; private init; }

    /// <summary>No account is in memory: the ledger may be closed.</summary>
    public bool IsEmpty => Present.IsEmpty;

    /// <summary>Of a ledger that starts with what is stored.</summary>
    public static Attendance Of(LedgerState ledger, DateTimeOffset now) =>
        new() { CrashSeenAt = ledger.IsOpen ? now : ledger.CrashSeenAt };

    /// <summary>Of a ledger that could not read what is stored until now, and has let accounts in.</summary>
    public static Attendance Of(LedgerState ledger, DateTimeOffset now, Attendance before) =>
        Of(ledger, now) with { Present = before.Present, Unaware = before.Present };

    /// <summary>What the ledger stores when it is closed.</summary>
    public LedgerClosed Close(DateTimeOffset now, LockoutPolicy policy) => new(now, Forget(now, policy).CrashSeenAt);

    /// <summary>An account comes into memory and is told its state. If nothing is stored of a class of its sources and the
    /// account's last stay in memory did not end in good order, that class may have been granted one permit from memory that
    /// nobody remembers: an open charge is assumed that lives as long as that permit can.</summary>
    public (Attendance Next, AccountState State) Enter(LedgerState ledger, AccountKey account, DateTimeOffset now, LockoutPolicy policy)
    {
        var next = Forget(now, policy) with { Present = Present.Add(account), Left = Left.Remove(account), Unaware = Unaware.Remove(account) };
        var stored = ledger.Find(account);
        var lostAt =
            Present.Contains(account) ? now
            : Left.Contains(account) ? null
            : CrashSeenAt is { } seen && now < seen + policy.FailureMemory ? CrashSeenAt
            : null;
        return (next, lostAt is not { } lost ? stored : stored with
        {
            Unfamiliar = stored.Unfamiliar.IsClean ? ClassState.Assumed(lost + policy.PermitLifetime) : stored.Unfamiliar,
            Familiar = stored.Familiar.IsClean ? ClassState.Assumed(lost + policy.PermitLifetime) : stored.Familiar,
        });
    }

    /// <summary>An account leaves memory in good order: all that is open is stored.</summary>
    public Attendance Leave(AccountKey account) => this with
    {
        Present = Present.Remove(account),
        Left = CrashSeenAt is null || Unaware.Contains(account) ? Left : Left.Add(account),
        Unaware = Unaware.Remove(account),
    };

    private Attendance Forget(DateTimeOffset now, LockoutPolicy policy) =>
        CrashSeenAt is { } seen && now >= seen + policy.FailureMemory ? this with { CrashSeenAt = null, Left = [], Unaware = [] } : this;
}
