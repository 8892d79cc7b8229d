namespace Passthrough.Decisions.Attempts;

/// <summary>What an agent tells the gateway of an attempt.</summary>
public abstract record AttemptEnding
{
    private AttemptEnding()
    {
    }

    /// <summary>The attempt is over.</summary>
    public sealed record Answered(Verdict Verdict) : AttemptEnding;

    /// <summary>No bind was sent: the gateway may ask another agent.</summary>
    public sealed record HandedBack(HandBackReason Reason) : AttemptEnding;
}
