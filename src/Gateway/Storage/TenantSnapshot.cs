using System.Collections.Frozen;
using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Storage;

/// <summary>One state of the directory; never changes.</summary>
public sealed class TenantSnapshot
{
    public static TenantSnapshot Empty { get; } = new(0, [], [], [], []);

    private static readonly LockoutNumbers Unset = new();

    private readonly FrozenDictionary<string, ApiKeyEntry> _apiKeys;
    private readonly FrozenDictionary<string, AgentEntry> _agents;
    private readonly FrozenDictionary<string, LockoutNumbers> _policies;
    private readonly FrozenDictionary<string, AgentEntry> _revokedAgents;

    /// <summary>Which tenant a suffix belongs to: those that are configured, and the subtrees in which agents may bring more.</summary>
    private readonly FrozenDictionary<string, string> _owners;
    private FrozenDictionary<string, TenantRoutes> _tenants;

    /// <param name="tenants">Ids of the tenants that are not revoked.</param>
    /// <param name="apiKeys">Those not revoked.</param>
    /// <param name="agents">Those not revoked.</param>
    /// <param name="revokedAgents">Those that are revoked, or whose tenant is, as long as a certificate of theirs may live;
    /// null if there is none.</param>
    /// <param name="policies">The lockout numbers of tenants that have set some, by tenant; null if none has.</param>
    /// <param name="allowed">Subtrees in which a tenant's agents may bring suffixes; null if none is allowed.</param>
    public TenantSnapshot(
        long version,
        IReadOnlyCollection<string> tenants,
        IEnumerable<Suffix> suffixes,
        IEnumerable<ApiKeyEntry> apiKeys,
        IEnumerable<AgentEntry> agents,
        IEnumerable<AgentEntry>? revokedAgents = null,
        IReadOnlyDictionary<string, LockoutNumbers>? policies = null,
        IEnumerable<AllowedSubtree>? allowed = null)
    {
        Version = version;
        var suffixesOf = suffixes.ToLookup(s => s.TenantId);
        var allowedOf = (allowed ?? []).ToLookup(a => a.TenantId, a => a.Name);

        // A NetBIOS name that two tenants have leads to neither when the tenant is not known.
        _owners = tenants.SelectMany(id => suffixesOf[id].Select(s => s.Name).Union(allowedOf[id]), (id, name) => (Tenant: id, Name: name))
            .GroupBy(owned => owned.Name, owned => owned.Tenant, StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Count() == 1)
            .ToFrozenDictionary(same => same.Key, same => same.First(), StringComparer.OrdinalIgnoreCase);
        _tenants = tenants.ToFrozenDictionary(
            id => id, id => new TenantRoutes(id, [.. suffixesOf[id]], [.. allowedOf[id]], _owners, []), StringComparer.Ordinal);
        _apiKeys = apiKeys.ToFrozenDictionary(k => k.Id, StringComparer.Ordinal);
        _agents = agents.ToFrozenDictionary(a => a.Id, StringComparer.Ordinal);
        _policies = policies?.ToFrozenDictionary(StringComparer.Ordinal) ?? FrozenDictionary<string, LockoutNumbers>.Empty;
        _revokedAgents = (revokedAgents ?? []).ToFrozenDictionary(a => a.Id, StringComparer.Ordinal);
    }

    public long Version { get; }

    /// <summary>For the sign-in page: the tenant of a name with this suffix (as in <see cref="TypedName.Suffix"/>). Null for the
    /// empty suffix of a bare name and for one that no tenant has.</summary>
    public string? FindTenant(string suffix) => NameSuffix.Match(_owners, suffix);

    /// <summary>Where a name belongs within a tenant; null if nowhere.</summary>
    public NameRoute? FindRoute(string tenant, TypedName name) =>
        _tenants.TryGetValue(tenant, out var routes) && routes.Find(name) is { Forests.IsEmpty: false } route ? route : null;

    /// <summary>Every suffix of a tenant's names, and where it leads.</summary>
    public IEnumerable<KeyValuePair<string, NameRoute>> SuffixesOf(string tenant) => _tenants.TryGetValue(tenant, out var routes) ? routes.All : [];

    /// <summary>Whether a name that belongs nowhere may do so once all agents are heard.</summary>
    public bool MayBeLearned(string tenant, TypedName name) =>
        _tenants.TryGetValue(tenant, out var routes) && routes.MayBeLearned(name.Suffix);

    /// <summary>What became of the names that the tenant's agents say.</summary>
    public ImmutableArray<LearnedName> LearnedOf(string tenant) => _tenants.TryGetValue(tenant, out var routes) ? routes.Learned : [];

    /// <summary>Null if there is no such key, it is for something else, or it was revoked or is past its end.</summary>
    public ApiKeyEntry? FindApiKey(string id, KeyPurpose purpose, DateTimeOffset now) =>
        _apiKeys.TryGetValue(id, out var key) && key.Purpose == purpose && !(key.ExpiresAt <= now) ? key : null;

    /// <summary>Null if no agent has this id, it was revoked, or it was enrolled a moment ago.</summary>
    public AgentEntry? FindAgent(string id) => _agents.GetValueOrDefault(id);

    public bool IsRevoked(string agentId) => _revokedAgents.ContainsKey(agentId);

    /// <summary>Those of all tenants that are not revoked.</summary>
    public IEnumerable<AgentEntry> Agents => _agents.Values;

    /// <summary>The agents of a tenant that are not revoked.</summary>
    public IEnumerable<AgentEntry> AgentsOf(string tenant) => _agents.Values.Where(agent => agent.Tenant == tenant);

    /// <summary>Ids of its revoked agents, as long as a certificate of theirs may live.</summary>
    public IEnumerable<string> RevokedOf(string tenant) => _revokedAgents.Values.Where(agent => agent.Tenant == tenant).Select(agent => agent.Id);

    /// <summary>What the tenant has set of the lockout policy; not to be changed.</summary>
    public LockoutNumbers PolicyOf(string tenant) => _policies.GetValueOrDefault(tenant, Unset);

    /// <summary>The same with what agents say, by tenant; tenants that are not named keep what was said before.</summary>
    internal TenantSnapshot With(IReadOnlyDictionary<string, IReadOnlyList<NamesSaid>> said)
    {
        var changed = (TenantSnapshot)MemberwiseClone();
        changed._tenants = _tenants.ToFrozenDictionary(
            pair => pair.Key,
            pair => said.TryGetValue(pair.Key, out var names) ? pair.Value.With(_owners, names) : pair.Value,
            StringComparer.Ordinal);
        return changed;
    }
}

/// <summary>A key as it is checked.</summary>
/// <param name="SecretHash">SHA-256 of the secret.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="Name">Which service, or person, it was made for.</param>
/// <param name="SignedOutAt">Sessions that were begun with it until then are over.</param>
public sealed record ApiKeyEntry(
    string Id, string Tenant, byte[] SecretHash, DateTimeOffset? ExpiresAt, KeyPurpose Purpose = KeyPurpose.Validation, string Name = "",
    DateTimeOffset? SignedOutAt = null);

/// <summary>An agent as it is checked when it connects.</summary>
/// <param name="HasConnected">It had connected when the directory was read: it may be running.</param>
public sealed record AgentEntry(string Id, string Tenant, string Name, IReadOnlyList<string> Forests, bool HasConnected = false);
