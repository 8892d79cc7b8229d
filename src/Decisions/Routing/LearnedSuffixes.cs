using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Passthrough.Decisions.Routing;

/// <summary>What an agent says that the names of a forest's people end in.</summary>
/// <param name="Forest">DNS name of the forest, in lower case.</param>
/// <param name="Version">Of what is said; greater is newer.</param>
/// <param name="Names">As said: nothing of it is checked.</param>
/// <param name="IsConnected">False: the agent has gone, no longer ago than <see cref="LearnedSuffixes.Outlast"/>.</param>
public sealed record NamesSaid(string Forest, ulong Version, IReadOnlyList<string> Names, bool IsConnected);

/// <summary>What becomes of one name that agents say.</summary>
/// <param name="Name">Normalised; as said if it is no name.</param>
/// <param name="Forest">DNS name of the forest that says it.</param>
public readonly record struct LearnedName(string Name, string Forest, LearnedOutcome Outcome);

/// <summary>Why a name that agents say is routed, or not.</summary>
public enum LearnedOutcome
{
    /// <summary>It leads to the forest.</summary>
    Learned,

    /// <summary>What is configured leads it to another forest.</summary>
    Configured,

    /// <summary>It is under no subtree that the tenant's administrator allowed.</summary>
    NotAllowed,

    /// <summary>It belongs to another tenant, or is allowed to one.</summary>
    OfAnotherTenant,

    /// <summary>Another forest of the tenant says it too: it leads to neither.</summary>
    Conflict,

    /// <summary>It is neither a DNS name nor a NetBIOS domain name.</summary>
    NotAName,
}

/// <summary>Which of the names that a tenant's agents say become routes. What the administrator configured is never changed by what
/// an agent says, and an agent can bring no name that the administrator did not allow.</summary>
public static class LearnedSuffixes
{
    /// <summary>How long what an agent said holds when its stream has ended: long enough for all agents to be started anew.</summary>
    public static readonly TimeSpan Outlast = TimeSpan.FromMinutes(10);

    /// <summary>Everything that is said, ordered by name, without what leads where it is said anyway because it is configured.</summary>
    /// <param name="configured">The tenant's suffixes; one that leads to several forests once for each.</param>
    /// <param name="allowed">Subtrees in which the tenant's agents may bring DNS names. Which is nearer to a name, a configured suffix or
    /// a subtree, decides. The NetBIOS names of a forest are allowed with its own DNS name, and hold within the tenant only.</param>
    /// <param name="owners">To which tenant the DNS names that are configured or allowed belong, of all tenants.</param>
    /// <param name="said">In the order in which it was said.</param>
    public static ImmutableArray<LearnedName> Decide(
        string tenant, IReadOnlyCollection<(string Name, string Forest)> configured, IReadOnlyCollection<string> allowed,
        FrozenDictionary<string, string> owners, IEnumerable<NamesSaid> said)
    {
        var judged = new List<LearnedName>();
        foreach (var forest in said.GroupBy(each => each.Forest, StringComparer.OrdinalIgnoreCase))
        {
            var names = Believed(forest).Names.Select(name => (Text: name, Name: NameSuffix.Normalise(name)));
            judged.AddRange(
                from name in names.DistinctBy(name => name.Name ?? name.Text, StringComparer.Ordinal)
                let outcome = name.Name is null ? LearnedOutcome.NotAName : Judge(name.Name, forest.Key, tenant, configured, allowed, owners)
                where outcome is not null
                select new LearnedName(name.Name ?? name.Text, forest.Key, outcome.Value));
        }

        var contested = judged.Where(name => name.Outcome == LearnedOutcome.Learned)
            .GroupBy(name => name.Name, StringComparer.Ordinal).Where(same => same.Count() > 1)
            .Select(same => same.Key).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. judged
                .Select(name => name.Outcome == LearnedOutcome.Learned && contested.Contains(name.Name)
                    ? name with { Outcome = LearnedOutcome.Conflict } : name)
                .OrderBy(name => name.Name, StringComparer.Ordinal).ThenBy(name => name.Forest, StringComparer.Ordinal),
        ];
    }

    /// <summary>Who is connected is believed before who has gone, then the newest, then who said it last.</summary>
    private static NamesSaid Believed(IEnumerable<NamesSaid> said) =>
        said.Reverse().OrderByDescending(each => each.IsConnected).ThenByDescending(each => each.Version).First();

    /// <summary>Null: what is configured leads there anyway.</summary>
    private static LearnedOutcome? Judge(
        string name, string forest, string tenant, IReadOnlyCollection<(string Name, string Forest)> configured,
        IReadOnlyCollection<string> allowed, FrozenDictionary<string, string> owners)
    {
        var isDnsName = NameSuffix.IsDnsName(name);
        var nearest = configured.Where(suffix => NameSuffix.IsAtOrUnder(name, suffix.Name)).Max(suffix => (int?)suffix.Name.Length);
        var subtree = allowed.Where(each => NameSuffix.IsAtOrUnder(isDnsName ? name : forest, each)).Max(each => (int?)each.Length);
        if (nearest is not null && (!isDnsName || subtree is null || nearest >= subtree))
        {
            return configured.Any(suffix => suffix.Name.Length == nearest && NameSuffix.IsAtOrUnder(name, suffix.Name)
                && suffix.Forest.Equals(forest, StringComparison.OrdinalIgnoreCase)) ? null : LearnedOutcome.Configured;
        }

        return isDnsName && NameSuffix.Match(owners, name) is { } owner && owner != tenant ? LearnedOutcome.OfAnotherTenant
            : subtree is null ? LearnedOutcome.NotAllowed
            : LearnedOutcome.Learned;
    }
}
