namespace Passthrough.Decisions.Attempts;

/// <summary>How sending an attempt to one agent ended. The numbers cross the wire between gateway instances: never changed, never used again.</summary>
public enum DispatchEnd
{
    /// <summary>It was never written to the stream.</summary>
    NotWritten = 0,

    /// <summary>The agent says that it sent no bind: it has too much work.</summary>
    Busy = 1,

    /// <summary>The agent says that it sent no bind: it takes no new work.</summary>
    Draining = 2,

    /// <summary>The agent says that it sent no bind: the attempt's time was over when its turn came.</summary>
    Expired = 3,

    /// <summary>The agent says that it sent no bind: it reaches no domain controller of the forest.</summary>
    ForestUnreachable = 4,

    /// <summary>The agent says that it sent no bind: it cannot open the seal.</summary>
    CannotUnseal = 5,

    /// <summary>The agent says that it sent no bind: it does not serve this forest.</summary>
    ForestNotMine = 6,

    /// <summary>The stream ended before an answer: a bind may have been sent.</summary>
    StreamBroken = 7,

    /// <summary>The agent answered, and the answer is proved to be its own.</summary>
    Answered = 8,

    /// <summary>The answer is not that of an agent that opened the attempt.</summary>
    Forged = 9,

    /// <summary>The answer cannot be read.</summary>
    Unintelligible = 10,

    /// <summary>The deadline came before an answer: a bind may have been sent.</summary>
    OutOfTime = 11,
}

/// <summary>What to do after a dispatch.</summary>
/// <param name="Again">Send it to an agent once more, under a new attempt number, sealed anew.</param>
/// <param name="SameAgentToo">The agent that had it may get it again; else it counts as tried.</param>
/// <param name="Otherwise">The verdict if it is not sent again, or if no agent can take it.</param>
public readonly record struct HandOverDecision(bool Again, bool SameAgentToo, Verdict Otherwise);

/// <summary>When an attempt is sent again to another agent: it was never written; the agent says that it sent no bind; its
/// stream died while time is left; or its answer is one that another agent may better. A wrong password is final. In the
/// third case a bind may have been sent: the second agent asks for a permit of its own, so it can cost budget, never
/// exactness.</summary>
public static class HandOver
{
    /// <summary>Dispatches of one attempt. So many agents having refused, one more would hardly take it, and each costs the
    /// others' time.</summary>
    public const int MaxDispatches = 5;

    /// <summary>Streams that may break with one attempt in their hands: it may be what breaks them, and shall not go through all
    /// agents.</summary>
    public const int MaxBroken = 2;

    /// <summary>With less time left another agent is not asked: it could not bind and answer.</summary>
    public static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(200);

    /// <param name="answered">The verdict if the end is <see cref="DispatchEnd.Answered"/>.</param>
    /// <param name="dispatches">How many there were, this one included.</param>
    /// <param name="broken">How many of them ended in <see cref="DispatchEnd.StreamBroken"/>, this one included.</param>
    /// <param name="left">Time until the deadline.</param>
    public static HandOverDecision Decide(DispatchEnd end, Verdict? answered, int dispatches, int broken, TimeSpan left)
    {
        var (allowed, otherwise) = end switch
        {
            DispatchEnd.NotWritten or DispatchEnd.Draining => (true, Verdict.NoAgent),
            DispatchEnd.Busy or DispatchEnd.Expired => (true, Verdict.Overloaded),
            DispatchEnd.ForestUnreachable => (true, Verdict.NoDomainController),
            DispatchEnd.CannotUnseal => (true, Verdict.DecryptFailed),
            DispatchEnd.ForestNotMine => (true, Verdict.AgentNotAuthorisedForForest),
            DispatchEnd.StreamBroken => (true, Verdict.AgentDeadlineExceeded),
            DispatchEnd.Answered when answered is { } verdict => (verdict.Row().RetryElsewhere, verdict),
            DispatchEnd.Forged => (false, Verdict.ForgedOrReplayedResult),
            DispatchEnd.Unintelligible => (false, Verdict.InvalidAgentResponse),
            DispatchEnd.OutOfTime => (false, Verdict.AgentDeadlineExceeded),
            _ => throw new ArgumentOutOfRangeException(nameof(end), end, "unknown end, or an answer without verdict"),
        };
        var again = allowed && dispatches < MaxDispatches && broken < MaxBroken && left >= LeastTime;

        // A seal that does not open is cured by a new session; an agent whose stream is gone may be back on another: it knows
        // the attempt by its id, so it binds only once for one permit.
        var sameAgentToo = end is DispatchEnd.CannotUnseal or DispatchEnd.NotWritten or DispatchEnd.StreamBroken;
        return new(again, again && sameAgentToo, otherwise);
    }

    /// <summary>The verdict if no agent took it even once.</summary>
    public static Verdict WithoutDispatch(NoChoice why) => why == NoChoice.NoCredit ? Verdict.Overloaded : Verdict.NoAgent;
}
