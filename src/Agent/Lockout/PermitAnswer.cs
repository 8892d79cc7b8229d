using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>What <see cref="PermitDesk.AskAsync"/> is asked.</summary>
public sealed record PermitRequest(AccountKey Account, ClientSource Source, AttemptId Attempt)
{
    /// <summary>The account's pwdLastSet as it was looked up; 0 if it has none.</summary>
    public long PasswordSetAt { get; init; }

    /// <summary>Compared with what an earlier <see cref="PermitAnswer.CompareFirst"/> held, and none of it.</summary>
    public bool IsCompared { get; init; }
}

/// <summary>What <see cref="PermitDesk.AskAsync"/> answers.</summary>
public abstract record PermitAnswer
{
    private PermitAnswer()
    {
    }

    /// <summary>As the rules of an attempt read it.</summary>
    public PermitOutcome Outcome => this switch
    {
        Granted => PermitOutcome.Granted,
        CompareFirst => PermitOutcome.KnownWrong,
        Locked => PermitOutcome.Locked,
        TooManyOpen => PermitOutcome.TooManyOpen,
        _ => PermitOutcome.Unavailable,
    };

    /// <summary>Leave to send one bind to one domain controller.</summary>
    /// <param name="Permit">Names it to <see cref="PermitDesk.SettleAsync"/>; never 0.</param>
    /// <param name="AskedAt">Before the question was sent, by <see cref="TimeProvider.GetTimestamp"/>: a clock that is set back makes
    /// no permit last longer.</param>
    /// <param name="Key">For telling a wrong password with the settlement; null: it need not be told.</param>
    public sealed record Granted(ulong Permit, long AskedAt, TimeSpan Lifetime, DigestKey? Key = null) : PermitAnswer
    {
        /// <summary>The bind must have ended by then: use it as the bind's deadline. A worker that is late sends nothing.</summary>
        public TimeSpan Left(TimeProvider clock) => Lifetime - clock.GetElapsedTime(AskedAt);
    }

    /// <summary>The password may be one of those that are known to be wrong: compare it, and ask again if it is none of
    /// them.</summary>
    public sealed record CompareFirst(DigestKey Key, ImmutableArray<PasswordDigest> Wrong) : PermitAnswer;

    public sealed record Locked(LockNotice Notice) : PermitAnswer;

    /// <summary>The rest of the budget is taken by binds under way: nobody knows yet whether one more is allowed. "Try again
    /// later", not "wrong password".</summary>
    public sealed record TooManyOpen : PermitAnswer;

    /// <summary>Nobody answered by the deadline. No bind may be sent.</summary>
    public sealed record Unavailable : PermitAnswer;
}
