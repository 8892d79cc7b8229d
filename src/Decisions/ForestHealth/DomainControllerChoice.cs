namespace Passthrough.Decisions.ForestHealth;

/// <summary>One controller as the choice sees it.</summary>
/// <param name="Priority">Of its SRV record (RFC 2782): lower is preferred. 0 to 65,535.</param>
/// <param name="Outstanding">Work that it has been given and has not answered.</param>
/// <param name="IsExcluded">This attempt tried it already.</param>
public readonly record struct Candidate(
    DomainControllerHealth Health, int Priority = 0, int Outstanding = 0, bool IsExcluded = false);

/// <summary>Which controller gets the next piece of work.</summary>
public static class DomainControllerChoice
{
    /// <summary>The index of the choice, or -1 if every candidate is excluded. Healthy before failed, then the lowest
    /// priority, then the least outstanding work. If all have failed, the one whose probe is due first: somebody has to
    /// try, and it is the likeliest to be back.</summary>
    /// <param name="tieBreak">Among equals, the first at or after this position (taken modulo their number) wins, so that a
    /// running number spreads idle times evenly. Not negative.</param>
    public static int Choose(ReadOnlySpan<Candidate> candidates, int tieBreak)
    {
        var best = -1;
        for (var step = 0; step < candidates.Length; step++)
        {
            var index = (int)(((long)tieBreak + step) % candidates.Length);
            if (!candidates[index].IsExcluded && (best < 0 || IsBetter(candidates[index], candidates[best])))
            {
                best = index;
            }
        }

        return best;
    }

    private static bool IsBetter(in Candidate candidate, in Candidate best)
    {
        if (candidate.Health.IsHealthy != best.Health.IsHealthy)
        {
            return candidate.Health.IsHealthy;
        }

        if (!candidate.Health.IsHealthy && candidate.Health.ProbeAt != best.Health.ProbeAt)
        {
            return candidate.Health.ProbeAt < best.Health.ProbeAt;
        }

        return candidate.Priority != best.Priority
            ? candidate.Priority < best.Priority
            : candidate.Outstanding < best.Outstanding;
    }
}
