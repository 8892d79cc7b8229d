using Passthrough.Decisions.Routing;

namespace Passthrough.Gateway.Storage;

/// <summary>Tenants, suffixes, API keys and agents in memory, so that no request waits for the database. A running gateway
/// notices a change of any of them within a second.</summary>
public sealed class TenantDirectory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IReadOnlyList<NamesSaid>> _said = new(StringComparer.Ordinal);
    private volatile TenantSnapshot _now = TenantSnapshot.Empty;

    /// <summary>Raised after a new state is in force, on the thread that brought it.</summary>
    public event Action<TenantSnapshot>? Replaced;

    /// <summary>The state as it is now; one request uses one snapshot.</summary>
    public TenantSnapshot Now => _now;

    internal void Replace(TenantSnapshot snapshot)
    {
        lock (_gate)
        {
            _now = snapshot = snapshot.With(_said);
        }

        Replaced?.Invoke(snapshot);
    }

    /// <summary>Everything that a tenant's agents say of their forests' names.</summary>
    internal void Learn(string tenant, IReadOnlyList<NamesSaid> said)
    {
        lock (_gate)
        {
            _said[tenant] = said;
            _now = _now.With(new Dictionary<string, IReadOnlyList<NamesSaid>> { [tenant] = said });
        }
    }
}
