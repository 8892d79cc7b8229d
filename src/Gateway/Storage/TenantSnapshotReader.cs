using Microsoft.EntityFrameworkCore;

namespace Passthrough.Gateway.Storage;

/// <summary>Reads the database into memory, and counts what others must notice.</summary>
public static class TenantSnapshotReader
{
    /// <summary>How long a revoked agent is remembered as such: longer than any certificate lives, so that its handshake is
    /// refused without asking the database.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(40);

    /// <summary>One cheap row: differs from <see cref="TenantSnapshot.Version"/> if there is something to read.</summary>
    public static Task<long> ReadVersionAsync(GatewayContext context, CancellationToken cancel) =>
        context.Installation.Select(i => i.Version).SingleAsync(cancel);

    /// <summary>To be called within the transaction of the change that it counts.</summary>
    public static Task CountChangeAsync(this GatewayContext context, CancellationToken cancel) =>
        context.Installation.ExecuteUpdateAsync(set => set.SetProperty(i => i.Version, i => i.Version + 1), cancel);

    public static async Task<TenantSnapshot> ReadAsync(GatewayContext context, DateTimeOffset now, CancellationToken cancel)
    {
        // The version first: what changes while the rest is read is read once more at the next look.
        var version = await ReadVersionAsync(context, cancel);
        var since = now - Remembered;
        var tenants = await context.Tenants.AsNoTracking().Where(t => t.RevokedAt == null)
            .Select(t => new { t.Id, t.LockoutPolicy }).ToListAsync(cancel);
        var suffixes = await context.Suffixes.AsNoTracking().ToListAsync(cancel);
        var allowed = await context.AllowedSubtrees.AsNoTracking().ToListAsync(cancel);
        var keys = await context.ApiKeys.AsNoTracking().Where(k => k.RevokedAt == null).ToListAsync(cancel);
        var agents = await context.Agents.AsNoTracking()
            .Where(a => a.RevokedAt == null || a.RevokedAt > since).ToListAsync(cancel);
        var living = tenants.Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
        var enrolled = agents.ToLookup(a => a.RevokedAt is null && living.Contains(a.TenantId));
        return new TenantSnapshot(
            version,
            living,
            suffixes,
            keys.Select(k => new ApiKeyEntry(k.Id, k.TenantId, k.SecretHash, k.ExpiresAt, k.Purpose, k.Name, k.SignedOutAt)),
            enrolled[true].Select(EntryOf),
            enrolled[false].Select(EntryOf),
            tenants.ToDictionary(t => t.Id, t => TenantPolicy.Read(t.LockoutPolicy), StringComparer.Ordinal),
            allowed);
    }

    public static AgentEntry EntryOf(AgentRecord agent) =>
        new(agent.Id, agent.TenantId, agent.Name, agent.Forests, agent.LastConnectedAt is not null);
}
