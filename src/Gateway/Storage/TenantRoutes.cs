using System.Collections.Frozen;
using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;

namespace Passthrough.Gateway.Storage;

/// <summary>Where a user name belongs.</summary>
public sealed record TenantRoute(string Tenant, string Forest);

/// <summary>Where the names with one suffix belong.</summary>
/// <param name="Forests">In the order in which they are configured; more than one: the name is searched in all of them. None: two
/// forests say that it is theirs.</param>
public sealed record NameRoute(ImmutableArray<TenantRoute> Forests);

/// <summary>The suffixes of one tenant: those that are configured, and those that its agents say. Never changes.</summary>
internal sealed class TenantRoutes
{
    private readonly string _tenant;
    private readonly IReadOnlyList<Suffix> _suffixes;
    private readonly IReadOnlyList<string> _allowed;
    private readonly FrozenDictionary<string, NameRoute> _routes;
    private readonly NameRoute? _onlyForest;
    private readonly bool _isHeard;

    /// <param name="allowed">Subtrees in which agents may bring suffixes.</param>
    /// <param name="owners">To which tenant DNS names belong.</param>
    /// <param name="said">By the tenant's agents.</param>
    public TenantRoutes(
        string tenant, IReadOnlyList<Suffix> suffixes, IReadOnlyList<string> allowed, FrozenDictionary<string, string> owners,
        IReadOnlyList<NamesSaid> said)
    {
        (_tenant, _suffixes, _allowed) = (tenant, suffixes, allowed);
        List<(string Name, string Forest)> configured = [.. suffixes.SelectMany(suffix => suffix.Forests, (s, forest) => (s.Name, forest))];
        var forests = configured.Select(suffix => suffix.Forest).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        _onlyForest = forests is [var only] ? Route([only]) : null;
        _isHeard = forests.TrueForAll(forest => said.Any(each => each.Forest.Equals(forest, StringComparison.OrdinalIgnoreCase)));
        Learned = LearnedSuffixes.Decide(tenant, configured, allowed, owners, said);
        _routes = suffixes.Select(suffix => KeyValuePair.Create(suffix.Name, Route(suffix.Forests)))
            .Concat(Learned.Where(name => name.Outcome == LearnedOutcome.Learned)
                .Select(name => KeyValuePair.Create(name.Name, Route([name.Forest]))))
            .Concat(Learned.Where(name => name.Outcome == LearnedOutcome.Conflict).DistinctBy(name => name.Name)
                .Select(name => KeyValuePair.Create(name.Name, Route([]))))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What became of the names that agents say.</summary>
    public ImmutableArray<LearnedName> Learned { get; }

    /// <summary>Every suffix, and where it leads.</summary>
    public IEnumerable<KeyValuePair<string, NameRoute>> All => _routes;

    /// <summary>The same with what the agents say now.</summary>
    public TenantRoutes With(FrozenDictionary<string, string> owners, IReadOnlyList<NamesSaid> said) =>
        new(_tenant, _suffixes, _allowed, owners, said);

    /// <summary>A bare name belongs to the tenant's forest if it has exactly one.</summary>
    public NameRoute? Find(TypedName name) => name.Form == NameForm.Bare ? _onlyForest : NameSuffix.Match(_routes, name.Suffix);

    /// <summary>An agent may yet say that it is a forest's: some forest was not heard of since the start, or for long.</summary>
    public bool MayBeLearned(string suffix) => !_isHeard && _allowed.Any(subtree => NameSuffix.IsAtOrUnder(suffix, subtree));

    private NameRoute Route(IEnumerable<string> forests) => new([.. forests.Select(forest => new TenantRoute(_tenant, forest))]);
}
