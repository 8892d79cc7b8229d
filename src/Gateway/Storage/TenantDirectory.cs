namespace Passthrough.Gateway.Storage;

/// <summary>Tenants, suffixes, API keys and agents in memory, so that no request waits for the database. A running gateway
/// notices a change of any of them within a second.</summary>
public sealed class TenantDirectory
{
    private volatile TenantSnapshot _now = TenantSnapshot.Empty;

    /// <summary>Raised after a new state is in force, on the thread that brought it.</summary>
    public event Action<TenantSnapshot>? Replaced;

    /// <summary>The state as it is now; one request uses one snapshot.</summary>
    public TenantSnapshot Now => _now;

    internal void Replace(TenantSnapshot snapshot)
    {
        _now = snapshot;
        Replaced?.Invoke(snapshot);
    }
}
