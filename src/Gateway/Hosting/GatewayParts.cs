using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Hosting;

/// <summary>What must be there before anything is listened on: opened at the start, shared by the web applications.</summary>
/// <param name="Logging">Where the web applications write their log.</param>
internal sealed record GatewayParts(
    GatewayOptions Options,
    StateDirectory State,
    GatewayContextFactory Database,
    CertificateAuthority Authority,
    TimeProvider Clock,
    Action<ILoggingBuilder> Logging) : IDisposable
{
    /// <exception cref="StartFaultException">State directory, database or CA cannot be used.</exception>
    public static async Task<GatewayParts> OpenAsync(
        GatewayOptions options, TimeProvider clock, Action<ILoggingBuilder> logging, CancellationToken cancel)
    {
        var state = StateDirectory.Open(options.StateDirectory);
        var database = GatewayContextFactory.Create(options.Database.PostgreSql, state.Root);
        await DatabaseMigration.RunAsync(database, state, cancel);
        var authority = await CertificateAuthority.OpenAsync(state, clock.GetUtcNow(), cancel);
        try
        {
            await using var context = database.CreateDbContext();
            await AuthorityBinding.CheckAsync(context, authority.Fingerprint, cancel);
            return new GatewayParts(options, state, database, authority, clock, logging);
        }
        catch
        {
            authority.Dispose();
            throw;
        }
    }

    public void Dispose() => Authority.Dispose();
}
