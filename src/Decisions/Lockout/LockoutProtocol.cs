using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Lockout;

/// <summary>What may be asked of an account, what it answers, and the facts it leaves behind. The commands and answers cross
/// the network between nodes, the facts go into the journal; both have their own frozen form there.</summary>
public static class LockoutProtocol
{
    /// <summary>The number of the charge that is assumed after a crash, in each class. No asker draws it.</summary>
    public const ulong AssumedPermit = 0;

    /// <summary>The longest name of an agent or an operator, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 64;

    /// <summary>In bytes of UTF-8.</summary>
    public const int MaxReasonBytes = 200;

    public interface ICommand
    {
        AccountKey Account { get; }
    }

    /// <summary>Asks for leave to send one bind. The asker draws <paramref name="Permit"/> at random (not 0) and keeps it when
    /// it asks again, so a repeated ask is charged once.</summary>
    public sealed record AskPermit(AccountKey Account, ClientSource Source, AttemptId Attempt, ulong Permit) : ICommand
    {
        /// <summary>Who asks: for the audit trail only. At most <see cref="MaxNameBytes"/>.</summary>
        public string Agent { get; init; } = "";

        /// <summary>The account's pwdLastSet as it was looked up; 0 if it has none.</summary>
        public long PasswordSetAt { get; init; }

        /// <summary>The password is none of those that the answer to an earlier ask held.</summary>
        public bool IsCompared { get; init; }

        /// <summary>Set if the account has taken a <see cref="Slot"/> for it: until when it is taken. Never crosses the network.</summary>
        public DateTimeOffset? SlotUntil { get; init; }

        public bool HasSlot => SlotUntil is not null;
    }

    /// <summary>Tells how the bind ended. May be told again: only the first time counts.</summary>
    public sealed record SettlePermit(AccountKey Account, AttemptId Attempt, ulong Permit, Settlement How) : ICommand
    {
        /// <summary>Set if a domain controller found the password wrong.</summary>
        public WrongPassword? Wrong { get; init; }
    }

    /// <summary>A password was typed that is known to be wrong: nothing was bound. Not answered.</summary>
    public sealed record RepeatWrong(AccountKey Account, WrongPassword Wrong) : ICommand;

    /// <summary>An operator forgives all failures and ends all locks of the account. What was under way before counts for
    /// nothing any more.</summary>
    /// <param name="By">Who, and why, at most <see cref="MaxNameBytes"/> and <see cref="MaxReasonBytes"/>: for the audit
    /// trail.</param>
    public sealed record UnlockAccount(AccountKey Account, string By, string Reason) : ICommand;

    /// <summary>The account learns which slots are taken. Never crosses the network.</summary>
    public sealed record CountSlots(AccountKey Account, ImmutableArray<Slot> Taken) : ICommand;

    /// <summary>The account leaves memory: what is open must be stored first. Never crosses the network.</summary>
    public sealed record RetireAccount(AccountKey Account) : ICommand;

    public abstract record Answer
    {
        private Answer()
        {
        }

        /// <param name="Lifetime">Time left from the moment of the answer. A duration, so that clocks of nodes need not
        /// agree.</param>
        /// <param name="Key">For telling a wrong password when the permit is settled; null: it need not be told.</param>
        public sealed record Granted(ulong Permit, TimeSpan Lifetime, DigestKey? Key = null) : Answer;

        /// <summary>Nothing is granted yet: the password may be one of those that are known to be wrong. If it is none of
        /// them, ask again.</summary>
        /// <param name="Wrong">One to <see cref="RepeatedPasswords.MaxKept"/>.</param>
        public sealed record CompareFirst(DigestKey Key, ImmutableArray<PasswordDigest> Wrong) : Answer;

        public sealed record Locked(LockNotice Notice) : Answer;

        /// <summary>The rest of the budget is taken by binds under way: it may be asked again when they have ended.</summary>
        public sealed record TooManyOpen : Answer;

        /// <summary>It can be granted if there is a slot for it in this class: to be taken, and asked again. Never crosses the
        /// network.</summary>
        public sealed record SlotNeeded(SourceClass Class) : Answer;

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

    /// <summary>What happened to one class of sources of the account; <c>Class</c> is the one that the sign-in had when it was
    /// charged.</summary>
    public interface IClassFact : IFact
    {
        SourceClass Class { get; }
    }

    public sealed record ChargeOpened(
        AccountKey Account, DateTimeOffset At, ulong Permit, AttemptId Attempt, DateTimeOffset ExpiresAt,
        SourceClass Class, ClientSource Source, string Agent) : IClassFact
    {
        /// <summary>It has taken a <see cref="Slot"/>.</summary>
        public bool HasSlot { get; init; }
    }

    /// <param name="LockedUntil">Set if this failure locks the class.</param>
    public sealed record ChargeFailed(AccountKey Account, DateTimeOffset At, ulong Permit, DateTimeOffset? LockedUntil, SourceClass Class)
        : IClassFact;

    /// <summary>The bind was not sent, or its answer did not depend on a wrong password.</summary>
    public sealed record ChargeRefunded(AccountKey Account, DateTimeOffset At, ulong Permit, SourceClass Class) : IClassFact;

    /// <summary>The password was right: the charge is given back, and what had failed in this class before it was granted is
    /// forgiven.</summary>
    public sealed record SignInSucceeded(AccountKey Account, DateTimeOffset At, ulong Permit, SourceClass Class) : IClassFact;

    /// <summary>The failures of this class are older than they are remembered.</summary>
    public sealed record FailuresForgotten(AccountKey Account, DateTimeOffset At, SourceClass Class) : IClassFact;

    /// <summary>All failures, charges and locks are gone.</summary>
    public sealed record AccountUnlocked(AccountKey Account, DateTimeOffset At, string By, string Reason) : IFact;

    /// <summary>Somebody signed in from there: from now on it is familiar.</summary>
    public sealed record SourceRemembered(AccountKey Account, DateTimeOffset At, ulong Fingerprint) : IFact;
}
