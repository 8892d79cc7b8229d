using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Passthrough.Audit;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Admin;

/// <summary>A group of commands for keys of one kind: <c>create|list|revoke</c>.</summary>
/// <param name="group">What it is called.</param>
/// <param name="isFor">What <c>--name</c> names.</param>
/// <param name="lasts">Without <c>--lifetime</c>; null: until it is revoked.</param>
internal sealed class ApiKeyCommands(KeyPurpose purpose, string group, string isFor, TimeSpan? lasts, TimeSpan longest)
{
    /// <summary>What services show at the validation endpoint.</summary>
    public static ApiKeyCommands OfServices { get; } =
        new(KeyPurpose.Validation, "apikey", "Which service it is for.", lasts: null, longest: TimeSpan.FromDays(3650));

    /// <summary>What administrators of a tenant show at its page.</summary>
    public static ApiKeyCommands OfPeople { get; } = new(
        KeyPurpose.TenantPage, "pagekey", "Which person it is for: each should have one of their own. The audit log has this name.",
        lasts: TimeSpan.FromDays(90), longest: TimeSpan.FromDays(366));

    public Command Create(AdminRunner runner)
    {
        var tenant = new Option<string>("--tenant") { Description = "The tenant that it opens something of.", Required = true };
        var name = new Option<string>("--name") { Description = isFor, Required = true };
        var lifetime = new Option<TimeSpan?>("--lifetime")
        {
            Description = $"How long it can be used, as D.HH:MM:SS, at most {longest.TotalDays:0} days. "
                + $"Default: {(lasts is { } time ? $"{time.TotalDays:0} days" : "until it is revoked")}.",
        };
        var create = new Command("create", "Make a key. It is shown now and never again.") { tenant, name, lifetime, ReasonOption.Create(isRequired: false) };
        create.SetAction((parsed, cancel) => runner(
            parsed,
            session => CreateAsync(
                session, parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(name), parsed.GetValue(lifetime) ?? lasts),
            cancel));
        var list = new Command("list", "List the keys, without their secrets.");
        list.SetAction((parsed, cancel) => runner(parsed, ListAsync, cancel));
        var id = new Argument<string>("KEY-ID") { Description = $"As {group} list shows it." };
        var revoke = new Command("revoke", "Make a key useless, within a second; sessions that it began end too.") { id, ReasonOption.Create(isRequired: true) };
        revoke.SetAction((parsed, cancel) => runner(parsed, s => RevokeAsync(s, parsed.GetRequiredValue(id)), cancel));
        var what = purpose == KeyPurpose.Validation ? "Keys of services that have passwords checked." : "Keys of people who look at a tenant's page.";
        return new Command(group, what) { create, list, revoke };
    }

    private async Task<AdminResult> CreateAsync(AdminSession session, string tenantId, string name, TimeSpan? lifetime)
    {
        if (name.Length is 0 or > 200 || name.Any(char.IsControl))
        {
            throw AdminSession.Refuse("a key's name has 1 to 200 characters");
        }

        if (lifetime is { } given && (given < TimeSpan.FromSeconds(1) || given > longest))
        {
            throw AdminSession.Refuse($"a lifetime of {given:c} is not allowed: 1 s to {longest.TotalDays:0} days");
        }

        await session.FindTenantAsync(tenantId);
        var key = ApiKey.Create(purpose);
        var record = new ApiKeyRecord
        {
            Id = key.Id,
            TenantId = tenantId,
            Purpose = purpose,
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

    private async Task<AdminResult> ListAsync(AdminSession session)
    {
        var keys = await session.Database.ApiKeys.AsNoTracking().Where(k => k.Purpose == purpose).OrderBy(k => k.CreatedAt).ToListAsync(session.Cancel);
        return AdminResult.List(
            keys,
            ("keyId", k => k.Id),
            ("name", k => k.Name),
            ("tenant", k => k.TenantId),
            ("state", k => k.RevokedAt is not null ? "revoked" : k.ExpiresAt <= session.Now ? "expired" : "valid"),
            ("createdAt", k => AdminResult.Instant(k.CreatedAt)),
            ("expiresAt", k => AdminResult.Instant(k.ExpiresAt)));
    }

    private async Task<AdminResult> RevokeAsync(AdminSession session, string id)
    {
        var key = await session.Database.ApiKeys.SingleOrDefaultAsync(k => k.Id == id && k.Purpose == purpose && k.RevokedAt == null, session.Cancel)
            ?? throw AdminSession.Refuse($"there is no key '{id}' that is not revoked: see passthrough-gateway {group} list");
        key.RevokedAt = session.Now;
        session.Tenant = key.TenantId;
        await session.SaveAsync();
        return AdminResult.Done(
            new JsonObject { ["keyId"] = id, ["revokedAt"] = AdminResult.Instant(session.Now) }, $"Key {id} ({key.Name}) revoked.");
    }
}
