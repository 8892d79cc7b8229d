namespace Passthrough.Decisions.ForestHealth;

/// <summary>Which controllers of a domain are used, where there are more than an agent should keep connections to.</summary>
public static class DomainControllerShortlist
{
    /// <summary>More than one domain has in one place.</summary>
    public const int Max = 64;

    /// <summary>The own site first, then the lowest priority; of those that are alike a part by weight, the same one each time
    /// for one agent, another for another, so that together they use all. A controller that comes or goes changes one place of
    /// the list at most.</summary>
    /// <param name="agent">Any number that is an agent's own.</param>
    public static IReadOnlyList<T> Choose<T>(IReadOnlyCollection<T> all, Func<T, (string Host, Placement Placement)> read, ulong agent, int max = Max) =>
        all.Count <= max
            ? [.. all]
            : [.. all
                .Select(each => (Each: each, Read: read(each)))
                .OrderBy(each => !each.Read.Placement.IsInSite)
                .ThenBy(each => each.Read.Placement.Priority)
                .ThenBy(each => Lot(each.Read.Host, each.Read.Placement.Weight, agent))
                .Take(max)
                .Select(each => each.Each)];

    // Weighted rendezvous hashing: of an even draw u in (0, 1], -ln(u) / weight is the least with a chance of weight / all weights.
    // A weight of 0 is a small chance, not none (RFC 2782).
    private static double Lot(string host, int weight, ulong agent)
    {
        var hash = agent;
        foreach (var letter in host)
        {
            hash = Mix(hash ^ letter);
        }

        return -Math.Log(((hash >> 11) + 1) * (1.0 / (1UL << 53))) / (weight + 1);
    }

    // The finaliser of SplitMix64.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
