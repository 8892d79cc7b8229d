using System.Data.Common;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Agents;

/// <summary>Who may connect as an agent: asked in the TLS handshake, and again, of the database, when a stream opens or a
/// certificate is renewed.</summary>
public sealed class AgentGate(
    CertificateAuthority authority,
    TenantDirectory directory,
    IDbContextFactory<GatewayContext> database,
    TimeProvider time,
    ILogger<AgentGate> log)
{
    /// <summary>The certificate is our CA's: of another instance of this gateway, or of an agent and not known to be revoked. Which of
    /// them may call what, each call looks at.</summary>
    public bool AdmitsHandshake(X509Certificate? presented)
    {
        if (presented is not X509Certificate2 certificate || !authority.IsClientCertificate(certificate, time.GetUtcNow()))
        {
            log.ForeignCertificate(presented?.Subject ?? "none");
            return false;
        }

        if (InstanceIdentity.IsIn(certificate))
        {
            return true;
        }

        if (AgentIdentity.From(certificate) is not { } identity || directory.Now.IsRevoked(identity.AgentId))
        {
            log.RevokedAgentRefused(certificate.Subject);
            return false;
        }

        return true;
    }

    /// <summary>The agent, if the roster knows this certificate and the agent is not revoked; else null.</summary>
    public async Task<AgentEntry?> AdmitAsync(X509Certificate2? presented, CancellationToken cancel)
    {
        // The handshake has checked the chain; what is asked here is what the certificate says and what the roster knows.
        if (presented is null || AgentIdentity.From(presented) is not { } identity || directory.Now.IsRevoked(identity.AgentId))
        {
            return null;
        }

        var entry = await FindAsync(identity, presented.SerialNumber, cancel);
        return entry?.Tenant == identity.Tenant ? entry : null;
    }

    private async Task<AgentEntry?> FindAsync(AgentIdentity identity, string serial, CancellationToken cancel)
    {
        try
        {
            await using var context = await database.CreateDbContextAsync(cancel);
            var agent = await context.Agents.AsNoTracking().SingleOrDefaultAsync(
                a => a.Id == identity.AgentId && a.RevokedAt == null && a.Certificates.Any(c => c.Serial == serial)
                    && context.Tenants.Any(t => t.Id == a.TenantId && t.RevokedAt == null),
                cancel);
            return agent is null ? null : TenantSnapshotReader.EntryOf(agent);
        }
        catch (Exception e) when (e is DbException or TimeoutException or InvalidOperationException && !cancel.IsCancellationRequested)
        {
            // Sign-ins must not stop because the database does: an agent that was on the roster when it was last read comes in.
            log.RosterFromMemory(e, identity.AgentId);
            return directory.Now.FindAgent(identity.AgentId);
        }
    }
}
