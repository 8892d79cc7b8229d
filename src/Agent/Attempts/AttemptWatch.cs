using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>An attempt that has ended here. Names no person: accounts go by their pseudonym.</summary>
/// <param name="Account">Null: it was not looked up, or the directory could not say.</param>
/// <param name="Verdict">Null: it was handed back.</param>
internal sealed record EndedAttempt(
    DateTimeOffset At, AttemptId Id, string Forest, AccountKey? Account, Verdict? Verdict, HandBackReason? HandedBack, string DomainController,
    string Route, ulong Permit, double TotalMs);

/// <summary>What operators see of the attempts of this node: the last that did not sign anybody in; the others only while somebody
/// looks, so that a clean sign-in costs a count and a comparison.</summary>
internal sealed class AttemptWatch(AttemptHistory history, TimeProvider clock)
{
    /// <summary>That many are kept.</summary>
    public const int Capacity = 1_000;

    /// <summary>After each look; those who look do it twice a second.</summary>
    private static readonly TimeSpan Attention = TimeSpan.FromSeconds(3);

    private long _watchedUntil;

    public EventRing<EndedAttempt> Ring { get; } = new(Capacity);

    public void Look() => Volatile.Write(ref _watchedUntil, clock.GetTimestamp() + (long)(Attention.TotalSeconds * clock.TimestampFrequency));

    public void Ended(AttemptId id, string forest, AccountKey? account, AttemptEnding ending, AnswerDetail told)
    {
        if (ending is AttemptEnding.Answered answered)
        {
            history.Count(forest, answered.Verdict);
        }

        if (ending is AttemptEnding.Answered { Verdict: Verdict.Success } && clock.GetTimestamp() > Volatile.Read(ref _watchedUntil))
        {
            return;
        }

        Ring.Add(new EndedAttempt(
            clock.GetUtcNow(), id, forest, account, (ending as AttemptEnding.Answered)?.Verdict, (ending as AttemptEnding.HandedBack)?.Reason,
            told.DomainController, told.Route, told.PermitNumber, told.TotalUs / 1000.0));
    }
}
