using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Agents;

/// <summary>A machine that became an agent.</summary>
public sealed record EnrolledAgent(AgentEntry Agent, IssuedCertificate Certificate, string TokenId);

/// <summary>Turns a join token into an agent: once.</summary>
public sealed class AgentEnrolment(AgentRoster roster, IDbContextFactory<GatewayContext> database, TimeProvider time)
{
    /// <param name="key">Of the agent's own key pair, whose possession it proved.</param>
    /// <param name="name">In lower case.</param>
    /// <exception cref="EnrolmentRefusedException">The token is no leave to enrol, or the name is taken.</exception>
    public async Task<EnrolledAgent> EnrolAsync(JoinToken token, PublicKey key, string name, CancellationToken cancel)
    {
        await using var context = await database.CreateDbContextAsync(cancel);
        var record = await FindAsync(context, token.SecretHash, cancel);
        var agent = new AgentRecord
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("n"),
            TenantId = record.TenantId,
            Name = name,
            Forests = record.Forests,
            EnrolledAt = time.GetUtcNow(),
        };
        var (certificate, issued) = roster.Issue(agent.Id, agent.TenantId, name, key);
        agent.Certificates.Add(certificate);

        await using var transaction = await context.Database.BeginTransactionAsync(cancel);
        if (!await ConsumeAsync(context, record.Id, agent.Id, cancel))
        {
            // Another came first, since the token was found.
            await transaction.RollbackAsync(cancel);
            await FindAsync(context, token.SecretHash, cancel);
            throw EnrolmentRefusedException.TokenUnknown();
        }

        await AddAsync(context, agent, cancel);
        await context.CountChangeAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new(TenantSnapshotReader.EntryOf(agent), issued, record.Id);
    }

    private async Task<JoinTokenRecord> FindAsync(GatewayContext context, byte[] secretHash, CancellationToken cancel)
    {
        var record = await context.JoinTokens.AsNoTracking().SingleOrDefaultAsync(t => t.SecretHash == secretHash, cancel);
        return record is null || record.RevokedAt is not null ? throw EnrolmentRefusedException.TokenUnknown()
            : record.UsedAt is { } usedAt ? throw EnrolmentRefusedException.TokenUsed(usedAt, record.UsedByAgentId ?? "unknown")
            : record.ExpiresAt <= time.GetUtcNow() ? throw EnrolmentRefusedException.TokenExpired(record.ExpiresAt)
            : record;
    }

    /// <summary>One conditional update: of any number of uses at once, one changes the row.</summary>
    private async Task<bool> ConsumeAsync(GatewayContext context, string tokenId, string agentId, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return await context.JoinTokens
            .Where(t => t.Id == tokenId && t.UsedAt == null && t.RevokedAt == null && t.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.UsedAt, now).SetProperty(t => t.UsedByAgentId, agentId), cancel) == 1;
    }

    private static async Task AddAsync(GatewayContext context, AgentRecord agent, CancellationToken cancel)
    {
        if (await context.Agents.AnyAsync(a => a.TenantId == agent.TenantId && a.Name == agent.Name && a.RevokedAt == null, cancel))
        {
            throw EnrolmentRefusedException.NameTaken(agent.Name);
        }

        context.Agents.Add(agent);
        try
        {
            await context.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException e) when (UniqueViolation.Is(e))
        {
            // The unique index speaks if two of one name come at the same moment; the transaction takes the token's use back.
            throw EnrolmentRefusedException.NameTaken(agent.Name);
        }
    }
}
