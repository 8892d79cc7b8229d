using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Passthrough.Audit;
using Passthrough.Decisions.Routing;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Admin;

/// <summary><c>tenant allow|disallow</c>: where a tenant's agents may bring suffixes of their own.</summary>
internal static class SubtreeCommands
{
    public static Command CreateAllow(AdminRunner runner) => Create(
        runner, "allow", "Let a tenant's agents bring the suffixes that their forests have, at and under a DNS name.", AllowAsync);

    public static Command CreateDisallow(AdminRunner runner) => Create(
        runner, "disallow", "Take that back: names that were learned under it lead nowhere within a second.", DisallowAsync);

    private static Command Create(
        AdminRunner runner, string name, string what, Func<AdminSession, Tenant, string, Task<AdminResult>> runAsync)
    {
        var id = new Argument<string>("TENANT") { Description = "As tenant list shows it." };
        var subtree = new Argument<string>("SUBTREE") { Description = "A DNS name of two labels or more, as corp.example." };
        var command = new Command(name, what) { id, subtree, ReasonOption.Create(isRequired: true) };
        command.SetAction((parsed, cancel) => runner(
            parsed,
            async session => await runAsync(
                session, await session.FindTenantAsync(parsed.GetRequiredValue(id)), Read(parsed.GetRequiredValue(subtree))),
            cancel));
        return command;
    }

    private static string Read(string text) =>
        NameSuffix.Normalise(text) is { } name && NameSuffix.IsDnsName(name)
            ? name
            : throw AdminSession.Refuse($"'{text}' is not a DNS name of two labels or more, as corp.example");

    private static async Task<AdminResult> AllowAsync(AdminSession session, Tenant tenant, string name)
    {
        if (tenant.AllowedSubtrees.TrueForAll(subtree => subtree.Name != name))
        {
            session.Database.AllowedSubtrees.Add(new AllowedSubtree { TenantId = tenant.Id, Name = name });
            await session.SaveAsync(() => RefuseOverlapAsync(session, tenant.Id, name));
        }

        return Done(tenant, name, $"The agents of {tenant.Id} may bring suffixes at and under {name}.");
    }

    private static async Task<AdminResult> DisallowAsync(AdminSession session, Tenant tenant, string name)
    {
        var subtree = tenant.AllowedSubtrees.Find(subtree => subtree.Name == name)
            ?? throw AdminSession.Refuse($"{name} is not allowed to tenant {tenant.Id}: see passthrough-gateway tenant list");
        session.Database.AllowedSubtrees.Remove(subtree);
        await session.SaveAsync();
        return Done(tenant, name, $"The agents of {tenant.Id} bring no suffixes at and under {name} any more.");
    }

    private static async Task RefuseOverlapAsync(AdminSession session, string tenant, string name)
    {
        var suffixes = await session.Database.Suffixes.AsNoTracking()
            .Where(s => s.TenantId != tenant && s.GlobalName != null).ToListAsync(session.Cancel);
        if (suffixes.Find(suffix => NameSuffix.Overlap(suffix.Name, name)) is { } taken)
        {
            throw AdminSession.Refuse($"{name} overlaps the suffix {taken.Name} of tenant {taken.TenantId}");
        }

        var subtrees = await session.Database.AllowedSubtrees.AsNoTracking().Where(s => s.TenantId != tenant).ToListAsync(session.Cancel);
        if (subtrees.Find(subtree => NameSuffix.Overlap(subtree.Name, name)) is { } other)
        {
            throw AdminSession.Refuse($"{name} overlaps {other.Name}, which is allowed to tenant {other.TenantId}");
        }
    }

    private static AdminResult Done(Tenant tenant, string name, string text) =>
        AdminResult.Done(new JsonObject { ["tenant"] = tenant.Id, ["subtree"] = name }, text);
}
