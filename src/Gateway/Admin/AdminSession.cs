using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Admin;

/// <summary>The database, opened for one administrator's command.</summary>
internal sealed class AdminSession : IAsyncDisposable
{
    private readonly StateDirectory _state;

    private AdminSession(StateDirectory state, GatewayContext database, DateTimeOffset now, CancellationToken cancel) =>
        (_state, Database, Now, Cancel) = (state, database, now, cancel);

    public GatewayContext Database { get; }

    public DateTimeOffset Now { get; }

    public CancellationToken Cancel { get; }

    /// <summary>Whose concern the command is, once that is known; null: the gateway's as a whole.</summary>
    public string? Tenant { get; set; }

    /// <exception cref="StartFaultException">The state directory or the database cannot be used.</exception>
    public static async Task<AdminSession> OpenAsync(GatewayOptions options, TimeProvider clock, CancellationToken cancel)
    {
        var state = StateDirectory.Open(options.StateDirectory);
        var factory = GatewayContextFactory.Open(options.Database, state);
        await DatabaseMigration.RunAsync(factory, state, cancel);
        return new AdminSession(state, factory.CreateDbContext(), clock.GetUtcNow(), cancel);
    }

    /// <summary>The CA's certificate, DER; a join token names it.</summary>
    public async Task<byte[]> ReadAuthorityAsync()
    {
        using var authority = await CertificateAuthority.OpenAsync(_state, Now, Cancel);
        await AuthorityBinding.CheckAsync(Database, authority.Fingerprint, Cancel);
        return authority.Certificate;
    }

    /// <summary>The tenant, if it exists and is not revoked.</summary>
    public async Task<Tenant> FindTenantAsync(string id)
    {
        var found = await Database.Tenants.Include(t => t.Suffixes).Include(t => t.AllowedSubtrees)
            .SingleOrDefaultAsync(t => t.Id == id && t.RevokedAt == null, Cancel);
        Tenant = found?.Id;
        return found ?? throw Refuse($"there is no tenant '{id}': see passthrough-gateway tenant list");
    }

    /// <summary>Stores what was changed, all or nothing, and has running gateways notice it.</summary>
    /// <param name="check">Looks once more whether it may be stored; one command at a time is there.</param>
    public async Task SaveAsync(Func<Task>? check = null)
    {
        await using var transaction = await Database.Database.BeginTransactionAsync(Cancel);

        // First of all: the one row that it changes is locked until the end.
        await Database.CountChangeAsync(Cancel);
        await (check?.Invoke() ?? Task.CompletedTask);
        await Database.SaveChangesAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    public static StartFaultException Refuse(string message) => new(FaultKind.Refused, message);
}
