using Passthrough.Audit;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Hosting;

/// <summary>What must be there before anything is listened on: opened at the start, shared by the web applications.</summary>
/// <param name="Logging">Where the web applications write their log.</param>
internal sealed record GatewayParts(
    GatewayOptions Options,
    GatewayContextFactory Database,
    CertificateAuthority Authority,
    AuditLog Audit,
    TimeProvider Clock,
    Action<ILoggingBuilder> Logging) : IAsyncDisposable
{
    /// <exception cref="StartFaultException">State directory, database or CA cannot be used.</exception>
    public static async Task<GatewayParts> OpenAsync(
        GatewayOptions options, TimeProvider clock, Action<ILoggingBuilder> logging, CancellationToken cancel)
    {
        var state = StateDirectory.Open(options.StateDirectory);
        var database = GatewayContextFactory.Open(options.Database, state);
        await DatabaseMigration.RunAsync(database, state, cancel);
        var authority = await CertificateAuthority.OpenAsync(state, clock.GetUtcNow(), cancel);
        try
        {
            await using var context = database.CreateDbContext();
            await AuthorityBinding.CheckAsync(context, authority.Fingerprint, cancel);
            var logs = LoggerFactory.Create(logging);
            return new GatewayParts(options, database, authority, OpenAudit(options, clock, logs), clock, logging) { Logs = logs };
        }
        catch
        {
            authority.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Audit.DisposeAsync();
        Authority.Dispose();
        Logs.Dispose();
    }

    /// <summary>For the audit log, whose few lines outlive the web applications.</summary>
    private ILoggerFactory Logs { get; init; } = null!;

    private static AuditLog OpenAudit(GatewayOptions options, TimeProvider clock, ILoggerFactory logs)
    {
        try
        {
            return AuditLog.Open(options.AuditPlace, "passthrough-gateway", clock, logs.CreateLogger<AuditLog>());
        }
        catch (AuditFaultException e)
        {
            throw new StartFaultException(FaultKind.AuditUnusable, e.Message, e);
        }
    }
}
