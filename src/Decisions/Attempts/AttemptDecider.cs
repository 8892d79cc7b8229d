using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Attempts;

/// <summary>What came of the question for a permit.</summary>
public enum PermitOutcome
{
    Granted,

    /// <summary>None is needed: the password is one of the last wrong ones.</summary>
    KnownWrong,
    Locked,
    TooManyOpen,
    Unavailable,
}

/// <summary>What to do once a bind has been tried: how its permit is settled, and what is told when that is stored or could
/// not be stored in time.</summary>
/// <param name="AwaitStored">Nothing may be told before the settlement is stored or the time is up. Otherwise it is waited for
/// a moment only.</param>
public sealed record BindConclusion(Settlement Settlement, bool AwaitStored, AttemptEnding Stored, AttemptEnding NotStored);

/// <summary>The rules of one attempt at an agent, step by step. The order is fixed: look the account up, ask for a permit, open
/// the password, bind, settle, answer; each rule says what a step's outcome leads to.</summary>
public static class AttemptDecider
{
    /// <summary>The most that is kept back of an attempt's time for settling and answering.</summary>
    public static readonly TimeSpan LongestReserve = TimeSpan.FromMilliseconds(500);

    /// <summary>Less time than this is not enough for a look-up, a permit, a bind and its settlement.</summary>
    public static readonly TimeSpan LeastForAnother = TimeSpan.FromSeconds(1.5);

    /// <summary>How much of the time that is left the bind may take: a quarter, at most <see cref="LongestReserve"/>, is kept
    /// back for writing the charge and for the way of the answer. Zero or less: too late for a bind.</summary>
    /// <param name="left">Until the attempt's deadline.</param>
    /// <param name="permitLeft">Until the permit ends: who is late does not bind.</param>
    public static TimeSpan BindTime(TimeSpan left, TimeSpan permitLeft)
    {
        var reserve = left / 4 < LongestReserve ? left / 4 : LongestReserve;
        var time = left - reserve;
        return time < permitLeft ? time : permitLeft;
    }

    /// <summary>The directory could not say which account the name means: nothing was sent, so another agent may know.</summary>
    public static AttemptEnding AfterLookupWithoutVerdict(Verdict why) =>
        why.Row().RetryElsewhere ? HandBack(HandBackReason.ForestUnreachable) : Answer(why);

    /// <summary>Null if the bind may be sent.</summary>
    public static AttemptEnding? AfterPermit(PermitOutcome outcome, bool isLate) => outcome switch
    {
        PermitOutcome.KnownWrong => Answer(Verdict.BadPasswordRepeated),
        PermitOutcome.Locked => Answer(Verdict.SmartLocked),

        // Every agent would hear the same of this account; in a moment the open binds are settled.
        PermitOutcome.TooManyOpen => Answer(Verdict.Overloaded),
        PermitOutcome.Granted or PermitOutcome.Unavailable when isLate => HandBack(HandBackReason.Expired),
        PermitOutcome.Unavailable => HandBack(HandBackReason.Busy),
        PermitOutcome.Granted => null,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "unknown outcome"),
    };

    /// <summary>The permit's bind was not sent, for a reason of this agent's: the charge goes back.</summary>
    public static BindConclusion WithoutBind(AttemptEnding ending) =>
        new(Settlement.Refunded, AwaitStored: false, ending, ending);

    /// <summary>The name leads to no account, so there was nothing to bind: refused, and counted under the name as a wrong password
    /// is under an account.</summary>
    public static BindConclusion WithoutAccount(Verdict why) =>
        new(Settlement.Failed, AwaitStored: true, Answer(why), Answer(Verdict.AgentDeadlineExceeded));

    public static BindConclusion AfterBind(Verdict verdict, bool mayHaveBeenSent)
    {
        if (!mayHaveBeenSent)
        {
            return WithoutBind(AfterLookupWithoutVerdict(verdict));
        }

        // Sent, and nothing came back: whether the directory counted it, nobody here can know.
        var told = verdict is Verdict.DirectoryTimeout or Verdict.NoDomainController or Verdict.TlsFailure
            ? Verdict.DirectoryTimeoutAfterSend
            : verdict;
        var settlement = told.Row().Counting.ToSettlement();
        return settlement == Settlement.Failed

            // A failure is told after its charge is stored, or not at all: then the charge may be lost, and what is told must
            // not let the caller know more than that something went wrong.
            ? new BindConclusion(settlement, AwaitStored: true, Answer(told), Answer(Verdict.AgentDeadlineExceeded))

            // A refund that is not stored errs on the safe side: the password was right, or was not looked at.
            : new BindConclusion(settlement, AwaitStored: false, Answer(told), Answer(told));
    }

    /// <summary>Whether an attempt whose bind was swallowed is made once more, under a permit of its own: what the first permit
    /// costs is forgiven if the second bind succeeds, and if it does not, both were binds that may have failed. So it can cost
    /// budget, never exactness; and nobody is sent away because a controller died while it held his password.</summary>
    /// <param name="anotherIsReady">A controller is there that has not just failed: else the second would be swallowed too.</param>
    public static bool MayTryAgain(AttemptEnding ending, bool anotherIsReady, TimeSpan left) =>
        ending is AttemptEnding.Answered { Verdict: Verdict.DirectoryTimeoutAfterSend } && anotherIsReady && left >= LeastForAnother;

    /// <summary>What two tries come to: the second's answer if it is one. If not, the first's: it may have been sent, so the
    /// attempt is not handed back as if it had not.</summary>
    public static AttemptEnding OfTwo(AttemptEnding first, AttemptEnding second) =>
        second is AttemptEnding.Answered answered && answered.Verdict.Row().Public != PublicMeaning.TryAgainLater ? second : first;

    private static AttemptEnding.Answered Answer(Verdict verdict) => new(verdict);

    private static AttemptEnding.HandedBack HandBack(HandBackReason reason) => new(reason);
}
