using System.Data.Common;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Agents;

/// <summary>A certificate that was signed and stands in the roster.</summary>
/// <param name="Chain">Leaf first, then the CA; DER.</param>
public sealed record IssuedCertificate(string Serial, IReadOnlyList<ByteString> Chain);

/// <summary>The agents' certificates in the database.</summary>
public sealed class AgentRoster(
    CertificateAuthority authority,
    IDbContextFactory<GatewayContext> database,
    GatewayOptions options,
    TimeProvider time,
    ILogger<AgentRoster> log)
{
    private static readonly TimeSpan NotePatience = TimeSpan.FromSeconds(2);

    /// <summary>Signs a certificate for a new key of an agent. The old one stays valid until it ends: the agent may be stopped
    /// before it has stored the new one.</summary>
    public async Task<IssuedCertificate> RenewAsync(AgentEntry agent, PublicKey key, CancellationToken cancel)
    {
        var (row, issued) = Issue(agent.Id, agent.Tenant, agent.Name, key);
        await using var context = await database.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        await context.AgentCertificates.Where(c => c.AgentId == agent.Id && c.NotAfter < now).ExecuteDeleteAsync(cancel);
        context.AgentCertificates.Add(row);
        await context.SaveChangesAsync(cancel);
        return issued;
    }

    /// <summary>Signs a certificate; the caller stores the row before the certificate is handed out.</summary>
    internal (AgentCertificate Row, IssuedCertificate Issued) Issue(string agentId, string tenant, string name, PublicKey key)
    {
        using var certificate = authority.IssueAgent(
            key, new AgentIdentity(tenant, agentId), name, options.Agents.CertificateLifetime, time.GetUtcNow());
        var row = new AgentCertificate
        {
            Serial = certificate.SerialNumber,
            AgentId = agentId,
            NotBefore = certificate.NotBefore.ToUniversalTime(),
            NotAfter = certificate.NotAfter.ToUniversalTime(),
        };
        return (row, new(row.Serial, [ByteString.CopyFrom(certificate.RawData), ByteString.CopyFrom(authority.Certificate)]));
    }

    /// <summary>Writes down, for people, when the agent last connected. A database that is away does not keep it out.</summary>
    public async Task NoteConnectedAsync(string agentId, string programVersion, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(NotePatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await using var context = await database.CreateDbContextAsync(either.Token);
            var now = time.GetUtcNow();
            await context.Agents.Where(a => a.Id == agentId).ExecuteUpdateAsync(
                set => set.SetProperty(a => a.LastConnectedAt, now).SetProperty(a => a.ProgramVersion, programVersion), either.Token);
        }
        catch (Exception e) when (e is DbException or TimeoutException or InvalidOperationException or OperationCanceledException
            && !cancel.IsCancellationRequested)
        {
            log.ConnectionNotNoted(e, agentId);
        }
    }
}
