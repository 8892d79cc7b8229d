using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Lockout;

/// <summary>What may be asked of an account, what it answers, and the facts it leaves behind. The commands and answers cross
/// the network between nodes, the facts go into the journal; both have their own frozen form there.</summary>
public static class LockoutProtocol
{
    /// <summary>The number of the charge that is assumed after a crash. No asker draws it.</summary>
    public const ulong AssumedPermit = 0;

    public interface ICommand
    {
        AccountKey Account { get; }
    }

    /// <summary>Asks for leave to send one bind. The asker draws <paramref name="Permit"/> at random (not 0) and keeps it when
    /// it asks again, so a repeated ask is charged once.</summary>
    public sealed record AskPermit(AccountKey Account, AttemptId Attempt, ulong Permit) : ICommand;

    /// <summary>Tells how the bind ended. May be told again: only the first time counts.</summary>
    public sealed record SettlePermit(AccountKey Account, AttemptId Attempt, ulong Permit, Settlement How) : ICommand;

    /// <summary>An operator forgives all failures and ends the lock.</summary>
    public sealed record UnlockAccount(AccountKey Account) : ICommand;

    /// <summary>The account leaves memory: what is open must be stored first. Never crosses the network.</summary>
    public sealed record RetireAccount(AccountKey Account) : ICommand;

    public abstract record Answer
    {
        private Answer()
        {
        }

        /// <param name="Lifetime">Time left from the moment of the answer. A duration, so that clocks of nodes need not
        /// agree.</param>
        public sealed record Granted(ulong Permit, TimeSpan Lifetime) : Answer;

        public sealed record Locked(TimeSpan For) : Answer;

        /// <summary>The rest of the budget is taken by binds under way: it may be asked again when they have ended.</summary>
        public sealed record TooManyOpen : Answer;

        /// <summary>The settlement is where it must be: in the journal if anything was to be remembered.</summary>
        public sealed record Settled : Answer;

        public sealed record Unlocked : Answer;

        /// <summary>Nothing to tell anyone.</summary>
        public sealed record Retired : Answer;
    }

    /// <summary>What the journal of a shard holds.</summary>
    public interface IEvent
    {
        DateTimeOffset At { get; }
    }

    /// <summary>A ledger began to serve: from here on an account may have been granted one permit that is not stored.</summary>
    public sealed record LedgerOpened(DateTimeOffset At) : IEvent;

    /// <summary>A ledger stopped in good order: every account had left, and nothing is open that is not stored.</summary>
    /// <param name="CrashSeenAt">If it had begun after a crash: when. Accounts that did not enter since may still have lost a
    /// permit in that crash.</param>
    public sealed record LedgerClosed(DateTimeOffset At, DateTimeOffset? CrashSeenAt) : IEvent;

    /// <summary>What happened to one account.</summary>
    public interface IFact : IEvent
    {
        AccountKey Account { get; }
    }

    public sealed record ChargeOpened(AccountKey Account, DateTimeOffset At, ulong Permit, AttemptId Attempt, DateTimeOffset ExpiresAt)
        : IFact;

    /// <param name="LockedUntil">Set if this failure locks the account.</param>
    public sealed record ChargeFailed(AccountKey Account, DateTimeOffset At, ulong Permit, DateTimeOffset? LockedUntil) : IFact;

    /// <summary>The bind was not sent, or its answer did not depend on a wrong password.</summary>
    public sealed record ChargeRefunded(AccountKey Account, DateTimeOffset At, ulong Permit) : IFact;

    /// <summary>The password was right: the charge is given back, and what had failed before it was granted is forgiven.</summary>
    public sealed record SignInSucceeded(AccountKey Account, DateTimeOffset At, ulong Permit) : IFact;

    public sealed record AccountUnlocked(AccountKey Account, DateTimeOffset At) : IFact;

    /// <summary>The failures are older than they are remembered.</summary>
    public sealed record FailuresForgotten(AccountKey Account, DateTimeOffset At) : IFact;
}

/// <summary>How a bind ended, as far as the count is concerned. The numbers are on the wire.</summary>
public enum Settlement
{
    /// <summary>Wrong password, or a bind may have been sent and its answer is unknown.</summary>
    Failed = 1,

    /// <summary>No bind was sent, or the directory refused for another reason than the password.</summary>
    Refunded = 2,

    /// <summary>Signed in.</summary>
    Succeeded = 3,
}

/// <summary>From what a verdict does to the count, to how its permit is settled.</summary>
public static class Settlements
{
    public static Settlement ToSettlement(this Counting counting) => counting switch
    {
        Counting.Refunds => Settlement.Refunded,
        Counting.Resets => Settlement.Succeeded,
        Counting.Counts or Counting.Provisional => Settlement.Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(counting), counting, "unknown counting"),
    };
}
