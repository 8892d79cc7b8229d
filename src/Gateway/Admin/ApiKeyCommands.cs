using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Admin;

/// <summary><c>apikey create|list|revoke</c>: what services show at the validation endpoint.</summary>
internal static class ApiKeyCommands
{
    public static Command Create(AdminRunner runner)
    {
        var tenant = new Option<string>("--tenant") { Description = "The tenant whose passwords it may have checked.", Required = true };
        var name = new Option<string>("--name") { Description = "Which service it is for.", Required = true };
        var lifetime = new Option<TimeSpan?>("--lifetime")
        {
            Description = "How long it can be used, as D.HH:MM:SS. Default: until it is revoked.",
        };
        var create = new Command("create", "Make a key. It is shown now and never again.") { tenant, name, lifetime };
        create.SetAction((parsed, cancel) => runner(
            parsed,
            session => CreateAsync(
                session, parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(name), parsed.GetValue(lifetime)),
            cancel));
        var list = new Command("list", "List the keys, without their secrets.");
        list.SetAction((parsed, cancel) => runner(parsed, ListAsync, cancel));
        var id = new Argument<string>("KEY-ID") { Description = "As apikey list shows it." };
        var revoke = new Command("revoke", "Make a key useless, within a second.") { id };
        revoke.SetAction((parsed, cancel) => runner(parsed, s => RevokeAsync(s, parsed.GetRequiredValue(id)), cancel));
        return new Command("apikey", "Keys of services that have passwords checked.") { create, list, revoke };
    }

    private static async Task<AdminResult> CreateAsync(AdminSession session, string tenantId, string name, TimeSpan? lifetime)
    {
        if (name.Length is 0 or > 200)
        {
            throw AdminSession.Refuse("a key's name has 1 to 200 characters");
        }

        if (lifetime is { } given && (given < TimeSpan.FromSeconds(1) || given > TimeSpan.FromDays(3650)))
        {
            throw AdminSession.Refuse($"a lifetime of {given:c} is not allowed: 1 s to 3650 days");
        }

        await session.FindTenantAsync(tenantId);
        var key = ApiKey.Create();
        var record = new ApiKeyRecord
        {
            Id = key.Id,
            TenantId = tenantId,
            Name = name,
            SecretHash = key.SecretHash,
            CreatedAt = session.Now,
            ExpiresAt = session.Now + lifetime,
        };
        session.Database.ApiKeys.Add(record);
        await session.SaveAsync();
        return AdminResult.Done(
            new JsonObject
            {
                ["keyId"] = key.Id,
                ["tenant"] = tenantId,
                ["name"] = name,
                ["expiresAt"] = AdminResult.Instant(record.ExpiresAt),
                ["key"] = key.Reveal(),
            },
            $"{key.Reveal()}{Environment.NewLine}Key {key.Id} for {name} of {tenantId}, "
            + $"{(record.ExpiresAt is { } end ? $"until {AdminResult.Instant(end)}" : "until it is revoked")}. It is not shown again.");
    }

    private static async Task<AdminResult> ListAsync(AdminSession session)
    {
        var keys = await session.Database.ApiKeys.AsNoTracking().OrderBy(k => k.CreatedAt).ToListAsync(session.Cancel);
        return AdminResult.List(
            keys,
            ("keyId", k => k.Id),
            ("name", k => k.Name),
            ("tenant", k => k.TenantId),
            ("state", k => k.RevokedAt is not null ? "revoked" : k.ExpiresAt <= session.Now ? "expired" : "valid"),
            ("createdAt", k => AdminResult.Instant(k.CreatedAt)),
            ("expiresAt", k => AdminResult.Instant(k.ExpiresAt)));
    }

    private static async Task<AdminResult> RevokeAsync(AdminSession session, string id)
    {
        var key = await session.Database.ApiKeys.SingleOrDefaultAsync(k => k.Id == id && k.RevokedAt == null, session.Cancel)
            ?? throw AdminSession.Refuse($"there is no key '{id}' that is not revoked: see passthrough-gateway apikey list");
        key.RevokedAt = session.Now;
        await session.SaveAsync();
        return AdminResult.Done(
            new JsonObject { ["keyId"] = id, ["revokedAt"] = AdminResult.Instant(session.Now) }, $"Key {id} ({key.Name}) revoked.");
    }
}
