namespace Passthrough.Decisions.ForestHealth;

/// <summary>What DNS and the sites say of a controller.</summary>
/// <param name="Priority">Of its SRV record (RFC 2782): lower is preferred. 0 to 65,535.</param>
/// <param name="Weight">Of its SRV record: how often it is drawn, relative to others of its priority. 0 to 65,535.</param>
/// <param name="IsInSite">It is in the agent's own site.</param>
/// <param name="IsPdc">It is the domain's PDC emulator: every wrong password and every password change of the domain ends there
/// anyway.</param>
public readonly record struct Placement(int Priority = 0, int Weight = 100, bool IsInSite = false, bool IsPdc = false);

/// <summary>One controller as the choice sees it.</summary>
/// <param name="Outstanding">Work that it has been given and has not answered.</param>
/// <param name="LatencyMicros">How long it takes to answer, or has now been silent with work in its hands, in microseconds.</param>
/// <param name="IsExcluded">This attempt tried it already.</param>
/// <param name="IsPreferred">It has just answered for the same account.</param>
/// <param name="IsEjected">An operator has taken it out: it gets work only if no other is healthy, since no sign-in is lost to a
/// decision that was forgotten.</param>
public readonly record struct Candidate(
    DomainControllerHealth Health, Placement Placement, int Outstanding = 0, double LatencyMicros = 0, bool IsExcluded = false,
    bool IsPreferred = false, bool IsEjected = false)
{
    /// <summary>What the PDC is spared: it gets work when the others are this many times as loaded.</summary>
    private const double PdcFactor = 4;

    /// <summary>How long it takes, as far as it matters, in microseconds.</summary>
    public double Latency => Math.Max(LatencyMicros, LatencyAverage.FloorMicros);

    /// <summary>About the time that one more piece of work will take, in microseconds.</summary>
    public double Cost => Latency * (Outstanding + 1) * (Placement.IsPdc ? PdcFactor : 1);
}

/// <summary>Which controller gets the next piece of work.</summary>
public static class DomainControllerChoice
{
    /// <summary>A preferred controller is taken if it is at most this many times as slow as the choice, however much it has to do:
    /// it is known to answer, and the idle one may be idle because it is dead.</summary>
    private const double PreferredFactor = 10;

    /// <summary>The index of the choice, or -1 if every candidate is excluded. Healthy before failed, then not ejected, then the own site, then the
    /// lowest priority; of those, two are drawn by weight and the cheaper one is taken: as good as comparing all, and not all
    /// agents run to the same one at once. If all have failed, the one whose probe is due first: somebody has to try, and it is
    /// the likeliest to be back.</summary>
    /// <param name="random">Two draws of 32 bits.</param>
    public static int Choose(ReadOnlySpan<Candidate> candidates, ulong random)
    {
        var best = BestStanding(candidates);
        if (best < 0 || !candidates[best].Health.IsHealthy)
        {
            return best;
        }

        var one = Draw(candidates, best, except: -1, (uint)random);
        var other = Draw(candidates, best, except: one, (uint)(random >> 32));
        var chosen = other >= 0 && candidates[other].Cost < candidates[one].Cost ? other : one;
        for (var index = 0; index < candidates.Length; index++)
        {
            if (candidates[index].IsPreferred && IsPeer(candidates[index], candidates[best])
                && candidates[index].Latency <= PreferredFactor * candidates[chosen].Latency)
            {
                return index;
            }
        }

        return chosen;
    }

    private static int BestStanding(ReadOnlySpan<Candidate> candidates)
    {
        var best = -1;
        for (var index = 0; index < candidates.Length; index++)
        {
            if (!candidates[index].IsExcluded && (best < 0 || StandsBetter(candidates[index], candidates[best])))
            {
                best = index;
            }
        }

        return best;
    }

    private static bool StandsBetter(in Candidate candidate, in Candidate best) =>
        candidate.Health.IsHealthy != best.Health.IsHealthy ? candidate.Health.IsHealthy
        : !candidate.Health.IsHealthy ? candidate.Health.ProbeAt < best.Health.ProbeAt
        : candidate.IsEjected != best.IsEjected ? !candidate.IsEjected
        : candidate.Placement.IsInSite != best.Placement.IsInSite ? candidate.Placement.IsInSite
        : candidate.Placement.Priority < best.Placement.Priority;

    private static bool IsPeer(in Candidate candidate, in Candidate best) =>
        candidate is { IsExcluded: false, Health.IsHealthy: true } && candidate.IsEjected == best.IsEjected
        && candidate.Placement.IsInSite == best.Placement.IsInSite && candidate.Placement.Priority == best.Placement.Priority;

    /// <summary>One of the peers of <paramref name="best"/>, by weight; -1 if there is no other.</summary>
    private static int Draw(ReadOnlySpan<Candidate> candidates, int best, int except, uint random)
    {
        long total = 0;
        for (var index = 0; index < candidates.Length; index++)
        {
            total += index != except && IsPeer(candidates[index], candidates[best]) ? Share(candidates[index]) : 0;
        }

        var at = (long)((UInt128)random * (ulong)total >> 32);
        for (var index = 0; index < candidates.Length; index++)
        {
            if (index != except && IsPeer(candidates[index], candidates[best]) && (at -= Share(candidates[index])) < 0)
            {
                return index;
            }
        }

        return -1;
    }

    // A weight of 0 is a small chance, not none (RFC 2782).
    private static int Share(in Candidate candidate) => candidate.Placement.Weight + 1;
}
