using System.Collections.Frozen;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Storage;

/// <summary>One state of the directory; never changes.</summary>
public sealed class TenantSnapshot
{
    public static TenantSnapshot Empty { get; } = new(0, [], [], [], []);

    private static readonly LockoutNumbers Unset = new();

    private readonly FrozenDictionary<string, TenantSuffixes> _tenants;
    private readonly FrozenDictionary<string, TenantRoute> _anyTenant;
    private readonly FrozenDictionary<string, ApiKeyEntry> _apiKeys;
    private readonly FrozenDictionary<string, AgentEntry> _agents;
    private readonly FrozenDictionary<string, LockoutNumbers> _policies;
    private readonly FrozenSet<string> _revokedAgents;

    /// <param name="tenants">Ids of the tenants that are not revoked.</param>
    /// <param name="apiKeys">Those not revoked.</param>
    /// <param name="agents">Those not revoked.</param>
    /// <param name="revokedAgents">Ids of those that are revoked, or whose tenant is, as long as a certificate of theirs may live;
    /// null if there is none.</param>
    /// <param name="policies">The lockout numbers of tenants that have set some, by tenant; null if none has.</param>
    public TenantSnapshot(
        long version,
        IEnumerable<string> tenants,
        IEnumerable<Suffix> suffixes,
        IEnumerable<ApiKeyEntry> apiKeys,
        IEnumerable<AgentEntry> agents,
        IEnumerable<string>? revokedAgents = null,
        IReadOnlyDictionary<string, LockoutNumbers>? policies = null)
    {
        Version = version;
        var byTenant = suffixes.ToLookup(s => s.TenantId);
        _tenants = tenants.ToFrozenDictionary(id => id, id => new TenantSuffixes(id, byTenant[id]), StringComparer.Ordinal);

        // A NetBIOS name that two tenants have leads to neither when the tenant is not known.
        _anyTenant = _tenants.Keys.SelectMany(id => byTenant[id])
            .GroupBy(s => s.Name, StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Count() == 1)
            .ToFrozenDictionary(
                same => same.Key, same => new TenantRoute(same.First().TenantId, same.First().Forest), StringComparer.OrdinalIgnoreCase);
        _apiKeys = apiKeys.ToFrozenDictionary(k => k.Id, StringComparer.Ordinal);
        _agents = agents.ToFrozenDictionary(a => a.Id, StringComparer.Ordinal);
        _policies = policies?.ToFrozenDictionary(StringComparer.Ordinal) ?? FrozenDictionary<string, LockoutNumbers>.Empty;
        _revokedAgents = (revokedAgents ?? []).ToFrozenSet(StringComparer.Ordinal);
    }

    public long Version { get; }

    /// <summary>For the sign-in page: where a name with this suffix belongs (as in <see cref="TypedName.Suffix"/>). Null for the
    /// empty suffix of a bare name and for one that no tenant has.</summary>
    public TenantRoute? FindBySuffix(string suffix) => NameSuffix.Match(_anyTenant, suffix);

    /// <summary>The forest of a name within a tenant. A bare name belongs to the tenant's forest if it has exactly one.</summary>
    public TenantRoute? FindForest(string tenant, TypedName name) =>
        !_tenants.TryGetValue(tenant, out var suffixes) ? null
        : name.Form == NameForm.Bare ? suffixes.OnlyForest
        : NameSuffix.Match(suffixes.Routes, name.Suffix);

    /// <summary>Null if there is no such key, or it was revoked or is past its end.</summary>
    public ApiKeyEntry? FindApiKey(string id, DateTimeOffset now) =>
        _apiKeys.TryGetValue(id, out var key) && !(key.ExpiresAt <= now) ? key : null;

    /// <summary>Null if no agent has this id, it was revoked, or it was enrolled a moment ago.</summary>
    public AgentEntry? FindAgent(string id) => _agents.GetValueOrDefault(id);

    public bool IsRevoked(string agentId) => _revokedAgents.Contains(agentId);

    /// <summary>What the tenant has set of the lockout policy; not to be changed.</summary>
    public LockoutNumbers PolicyOf(string tenant) => _policies.GetValueOrDefault(tenant, Unset);

    private sealed class TenantSuffixes(string tenant, IEnumerable<Suffix> suffixes)
    {
        public FrozenDictionary<string, TenantRoute> Routes { get; } = suffixes.ToFrozenDictionary(
            s => s.Name, s => new TenantRoute(tenant, s.Forest), StringComparer.OrdinalIgnoreCase);

        public TenantRoute? OnlyForest { get; } =
            suffixes.Select(s => s.Forest).Distinct(StringComparer.OrdinalIgnoreCase).Take(2).ToList() is [var only]
                ? new TenantRoute(tenant, only)
                : null;
    }
}

/// <summary>Where a user name belongs.</summary>
public sealed record TenantRoute(string Tenant, string Forest);

/// <summary>An API key as it is checked.</summary>
/// <param name="SecretHash">SHA-256 of the secret.</param>
/// <param name="ExpiresAt">Null: never.</param>
public sealed record ApiKeyEntry(string Id, string Tenant, byte[] SecretHash, DateTimeOffset? ExpiresAt);

/// <summary>An agent as it is checked when it connects.</summary>
public sealed record AgentEntry(string Id, string Tenant, string Name, IReadOnlyList<string> Forests);
