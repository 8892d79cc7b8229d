using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Passthrough.Audit;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Admin;

/// <summary><c>token create|list|revoke</c>: join tokens.</summary>
internal static class TokenCommands
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    public static Command Create(AdminRunner runner)
    {
        var tenant = new Option<string>("--tenant") { Description = "The tenant whose agent will enrol.", Required = true };
        var forests = new Option<string[]>("--forest")
        {
            Description = "A forest that the agent may get work for, once for each. Default: all of the tenant's.",
        };
        var lifetime = new Option<TimeSpan>("--lifetime")
        {
            Description = "How long it can be used, as HH:MM:SS. 1 s to 7 days.",
            DefaultValueFactory = _ => DefaultLifetime,
        };
        var create = new Command("create", "Make a token that enrols one agent, once. It is shown now and never again.")
        {
            tenant, forests, lifetime, ReasonOption.Create(isRequired: false),
        };
        create.SetAction((parsed, cancel) => runner(
            parsed,
            session => CreateAsync(
                session, parsed.GetRequiredValue(tenant), parsed.GetValue(forests) ?? [], parsed.GetValue(lifetime)),
            cancel));
        var list = new Command("list", "List the tokens, without their secrets.");
        list.SetAction((parsed, cancel) => runner(parsed, ListAsync, cancel));
        var id = new Argument<string>("TOKEN-ID") { Description = "As token list shows it." };
        var revoke = new Command("revoke", "Make a token useless before it is used.") { id, ReasonOption.Create(isRequired: true) };
        revoke.SetAction((parsed, cancel) => runner(parsed, s => RevokeAsync(s, parsed.GetRequiredValue(id)), cancel));
        return new Command("token", "One-time leaves to enrol an agent.") { create, list, revoke };
    }

    private static async Task<AdminResult> CreateAsync(AdminSession session, string tenantId, string[] forests, TimeSpan lifetime)
    {
        if (lifetime < MinLifetime || lifetime > MaxLifetime)
        {
            throw AdminSession.Refuse($"a lifetime of {lifetime:c} is not allowed: 1 s to 7 days");
        }

        var tenant = await session.FindTenantAsync(tenantId);
        var known = tenant.Suffixes.SelectMany(s => s.Forests).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var asked = forests.Select(f => f.ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToList();
        if (asked.Except(known).FirstOrDefault() is { } stranger)
        {
            throw AdminSession.Refuse($"tenant {tenantId} has no forest '{stranger}'; it has {string.Join(", ", known)}");
        }

        var token = JoinToken.Create(await session.ReadAuthorityAsync());
        var record = new JoinTokenRecord
        {
            Id = RandomNumberGenerator.GetHexString(12, lowercase: true),
            TenantId = tenantId,
            SecretHash = token.SecretHash,
            Forests = asked.Count > 0 ? asked : known,
            CreatedAt = session.Now,
            ExpiresAt = session.Now + lifetime,
        };
        session.Database.JoinTokens.Add(record);
        await session.Database.SaveChangesAsync(session.Cancel);
        return AdminResult.Done(
            new JsonObject
            {
                ["tokenId"] = record.Id,
                ["tenant"] = tenantId,
                ["forests"] = AdminResult.Array(record.Forests),
                ["expiresAt"] = AdminResult.Instant(record.ExpiresAt),
                ["token"] = token.Reveal(),
            },
            $"{token.Reveal()}{Environment.NewLine}Enrols one agent of {tenantId} for {string.Join(", ", record.Forests)} "
            + $"until {AdminResult.Instant(record.ExpiresAt)}. Token id {record.Id}. It is not shown again.");
    }

    private static async Task<AdminResult> ListAsync(AdminSession session)
    {
        var tokens = await session.Database.JoinTokens.AsNoTracking().OrderBy(t => t.CreatedAt).ToListAsync(session.Cancel);
        return AdminResult.List(
            tokens,
            ("tokenId", t => t.Id),
            ("tenant", t => t.TenantId),
            ("forests", t => AdminResult.Array(t.Forests)),
            ("state", t => State(t, session.Now)),
            ("expiresAt", t => AdminResult.Instant(t.ExpiresAt)),
            ("usedBy", t => t.UsedByAgentId));
    }

    private static async Task<AdminResult> RevokeAsync(AdminSession session, string id)
    {
        session.Tenant = await session.Database.JoinTokens.Where(t => t.Id == id).Select(t => t.TenantId).SingleOrDefaultAsync(session.Cancel);

        // One statement that looks and changes, so that an agent that enrols at this moment is not overlooked.
        var changed = await session.Database.JoinTokens
            .Where(t => t.Id == id && t.UsedAt == null && t.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, session.Now), session.Cancel);
        return changed == 1
            ? AdminResult.Done(
                new JsonObject { ["tokenId"] = id, ["revokedAt"] = AdminResult.Instant(session.Now) }, $"Token {id} revoked.")
            : throw AdminSession.Refuse($"there is no token '{id}' that could still be used: see passthrough-gateway token list");
    }

    private static string State(JoinTokenRecord token, DateTimeOffset now) =>
        token.UsedAt is not null ? "used" : token.RevokedAt is not null ? "revoked" : token.ExpiresAt <= now ? "expired" : "open";
}
