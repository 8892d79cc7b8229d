using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Passthrough.Audit;
using Passthrough.Decisions.Routing;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Admin;

/// <summary><c>tenant create|list|suffix|allow|disallow|policy|revoke</c>.</summary>
internal static partial class TenantCommands
{
    /// <summary>Each costs a question to an agent at every sign-in.</summary>
    private const int MaxForests = 8;

    public static Command Create(AdminRunner runner)
    {
        var id = new Argument<string>("TENANT") { Description = "Its id: 1 to 63 lower-case letters, digits and hyphens." };
        var name = new Option<string?>("--name") { Description = "What people call it. Default: the id." };
        var suffixes = new Option<string[]>("--suffix")
        {
            Description = "What its user names end in: SUFFIX=FOREST, or SUFFIX if the forest has the same name. "
                + "A DNS name, or the NetBIOS name of a domain. Once for each. A DNS name may lead to several forests, in which its "
                + "names are searched: SUFFIX=FOREST,FOREST.",
            Required = true,
        };
        var create = new Command("create", "Make a tenant.") { id, name, suffixes, ReasonOption.Create(isRequired: false) };
        create.SetAction((parsed, cancel) => runner(
            parsed,
            session => CreateAsync(
                session, parsed.GetRequiredValue(id), parsed.GetValue(name), parsed.GetRequiredValue(suffixes)),
            cancel));
        var list = new Command("list", "List the tenants.");
        list.SetAction((parsed, cancel) => runner(parsed, ListAsync, cancel));
        var one = new Argument<string>("SUFFIX") { Description = "As --suffix of tenant create." };
        var suffix = new Command("suffix", "Give a tenant one more suffix, or change where one leads.") { id, one, ReasonOption.Create(isRequired: true) };
        suffix.SetAction((parsed, cancel) => runner(
            parsed, session => SetSuffixAsync(session, parsed.GetRequiredValue(id), parsed.GetRequiredValue(one)), cancel));
        var revoke = new Command("revoke", "End a tenant: nobody signs in, its agents are cut off. Cannot be undone.")
        {
            id, ReasonOption.Create(isRequired: true),
        };
        revoke.SetAction((parsed, cancel) => runner(parsed, s => RevokeAsync(s, parsed.GetRequiredValue(id)), cancel));
        return new Command("tenant", "Customers of this gateway.")
        {
            create, list, suffix, SubtreeCommands.CreateAllow(runner), SubtreeCommands.CreateDisallow(runner),
            PolicyCommand.Create(runner), revoke,
        };
    }

    private static async Task<AdminResult> CreateAsync(AdminSession session, string id, string? name, string[] suffixes)
    {
        if (!TenantId().IsMatch(id))
        {
            throw AdminSession.Refuse($"'{id}' cannot be a tenant's id: 1 to 63 lower-case letters, digits and hyphens");
        }

        if (name is { Length: 0 or > 200 })
        {
            throw AdminSession.Refuse("a tenant's name has 1 to 200 characters");
        }

        if (await session.Database.Tenants.AnyAsync(t => t.Id == id, session.Cancel))
        {
            throw AdminSession.Refuse($"there is, or was, a tenant '{id}': choose another id");
        }

        var tenant = new Tenant { Id = id, DisplayName = name ?? id, CreatedAt = session.Now };
        tenant.Suffixes.AddRange(suffixes.Select(text => ReadSuffix(id, text)).DistinctBy(s => s.Name));
        session.Database.Tenants.Add(tenant);
        session.Tenant = id;
        await session.SaveAsync(() => RefuseTakenAsync(session, tenant));
        var list = string.Join(", ", tenant.Suffixes.Select(Show));
        return AdminResult.Done(
            new JsonObject { ["tenant"] = id, ["suffixes"] = AdminResult.Array(tenant.Suffixes.Select(Show)) },
            $"Tenant {id} made, with {list}. Next: passthrough-gateway token create --tenant {id}");
    }

    private static async Task<AdminResult> SetSuffixAsync(AdminSession session, string id, string text)
    {
        var tenant = await session.FindTenantAsync(id);
        var suffix = ReadSuffix(id, text);
        if (tenant.Suffixes.Find(s => s.Name == suffix.Name) is { } known)
        {
            (known.Forest, known.OtherForests) = (suffix.Forest, suffix.OtherForests);
        }
        else
        {
            tenant.Suffixes.Add(suffix);
        }

        await session.SaveAsync(() => RefuseTakenAsync(session, tenant));
        return AdminResult.Done(
            new JsonObject { ["tenant"] = id, ["suffixes"] = AdminResult.Array(tenant.Suffixes.Select(Show)) },
            $"Names of {id} with the suffix {suffix.Name} lead to {string.Join(", ", suffix.Forests)}. "
            + "A forest that is new to the tenant needs agents: passthrough-gateway token create");
    }

    private static async Task<AdminResult> ListAsync(AdminSession session)
    {
        var tenants = await session.Database.Tenants.AsNoTracking().Include(t => t.Suffixes).Include(t => t.AllowedSubtrees)
            .OrderBy(t => t.Id).ToListAsync(session.Cancel);
        return AdminResult.List(
            tenants,
            ("tenant", t => t.Id),
            ("name", t => t.DisplayName),
            ("suffixes", t => AdminResult.Array(t.Suffixes.Select(Show))),
            ("allowed", t => AdminResult.Array(t.AllowedSubtrees.Select(s => s.Name).Order(StringComparer.Ordinal))),
            ("createdAt", t => AdminResult.Instant(t.CreatedAt)),
            ("revokedAt", t => AdminResult.Instant(t.RevokedAt)));
    }

    private static async Task<AdminResult> RevokeAsync(AdminSession session, string id)
    {
        var tenant = await session.FindTenantAsync(id);
        tenant.RevokedAt = session.Now;
        // Its names are free again: another tenant may bring them.
        session.Database.Suffixes.RemoveRange(tenant.Suffixes);
        session.Database.AllowedSubtrees.RemoveRange(tenant.AllowedSubtrees);
        await foreach (var agent in session.Database.Agents.Where(a => a.TenantId == id && a.RevokedAt == null).AsAsyncEnumerable())
        {
            agent.RevokedAt = session.Now;
        }

        await foreach (var key in session.Database.ApiKeys.Where(k => k.TenantId == id && k.RevokedAt == null).AsAsyncEnumerable())
        {
            key.RevokedAt = session.Now;
        }

        await foreach (var token in session.Database.JoinTokens.Where(t => t.TenantId == id && t.RevokedAt == null).AsAsyncEnumerable())
        {
            token.RevokedAt = session.Now;
        }

        await session.SaveAsync();
        return AdminResult.Done(
            new JsonObject { ["tenant"] = id, ["revokedAt"] = AdminResult.Instant(session.Now) }, $"Tenant {id} revoked.");
    }

    private static Suffix ReadSuffix(string tenant, string text)
    {
        var parts = text.Split('=');
        var name = parts.Length <= 2 ? NameSuffix.Normalise(parts[0]) : null;
        var forests = parts[^1].Split(',').Select(NameSuffix.Normalise).Distinct().ToList();
        if (name is null || forests.Exists(forest => forest is null || !NameSuffix.IsDnsName(forest)))
        {
            throw AdminSession.Refuse(
                $"'{text}' is not SUFFIX or SUFFIX=FOREST: write corp.example, contoso.com=corp.example, "
                + "contoso.com=corp.example,fabrikam.test or CORP=corp.example");
        }

        var isDnsName = NameSuffix.IsDnsName(name);
        if (forests.Count > (isDnsName ? MaxForests : 1))
        {
            throw AdminSession.Refuse(
                isDnsName ? $"'{text}': a suffix leads to at most {MaxForests} forests" : $"'{text}': a NetBIOS name leads to one forest");
        }

        return new Suffix
        {
            TenantId = tenant,
            Name = name,
            GlobalName = isDnsName ? name : null,
            Forest = forests[0]!,
            OtherForests = forests.Count > 1 ? [.. forests.Skip(1).OfType<string>()] : null,
        };
    }

    private static async Task RefuseTakenAsync(AdminSession session, Tenant tenant)
    {
        var names = tenant.Suffixes.Select(s => s.GlobalName).OfType<string>().ToList();
        var taken = await session.Database.Suffixes.AsNoTracking()
            .Where(s => s.TenantId != tenant.Id && names.Contains(s.GlobalName!)).FirstOrDefaultAsync(session.Cancel);
        if (taken is not null)
        {
            throw AdminSession.Refuse($"the suffix {taken.Name} belongs to tenant {taken.TenantId}: one suffix leads to one tenant");
        }

        foreach (var subtree in await session.Database.AllowedSubtrees.AsNoTracking()
            .Where(s => s.TenantId != tenant.Id).ToListAsync(session.Cancel))
        {
            if (names.Find(name => NameSuffix.Overlap(name, subtree.Name)) is { } name)
            {
                throw AdminSession.Refuse(
                    $"the suffix {name} overlaps {subtree.Name}, which is allowed to tenant {subtree.TenantId}: one suffix leads to one tenant");
            }
        }
    }

    private static string Show(Suffix suffix) =>
        suffix.OtherForests is null && suffix.Name == suffix.Forest ? suffix.Name : $"{suffix.Name}={string.Join(',', suffix.Forests)}";

    [GeneratedRegex("^[a-z0-9-]{1,63}$")]
    private static partial Regex TenantId();
}
