using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Passthrough.Audit;

namespace Passthrough.Gateway.Admin;

/// <summary><c>agent list|revoke</c>. An agent is made by enrolling with a join token.</summary>
internal static class AgentCommands
{
    public static Command Create(AdminRunner runner)
    {
        var list = new Command("list", "List the agents.");
        list.SetAction((parsed, cancel) => runner(parsed, ListAsync, cancel));
        var id = new Argument<string>("AGENT-ID") { Description = "As agent list shows it." };
        var revoke = new Command(
            "revoke", "Cut an agent off: its stream ends within a second and nothing more is sealed to it. Cannot be undone.")
        {
            id, ReasonOption.Create(isRequired: true),
        };
        revoke.SetAction((parsed, cancel) => runner(parsed, s => RevokeAsync(s, parsed.GetRequiredValue(id)), cancel));
        return new Command("agent", "Agents that are enrolled; token create makes what enrols one.") { list, revoke };
    }

    private static async Task<AdminResult> ListAsync(AdminSession session)
    {
        var agents = await session.Database.Agents.AsNoTracking()
            .Include(a => a.Certificates).OrderBy(a => a.TenantId).ThenBy(a => a.Name).ThenBy(a => a.EnrolledAt).ToListAsync(session.Cancel);
        return AdminResult.List(
            agents,
            ("agentId", a => a.Id),
            ("name", a => a.Name),
            ("tenant", a => a.TenantId),
            ("forests", a => AdminResult.Array(a.Forests)),
            ("state", a => a.RevokedAt is null ? "enrolled" : "revoked"),
            ("certificateUntil", a => AdminResult.Instant(a.Certificates.Max(c => (DateTimeOffset?)c.NotAfter))),
            ("lastConnectedAt", a => AdminResult.Instant(a.LastConnectedAt)),
            ("version", a => a.ProgramVersion));
    }

    private static async Task<AdminResult> RevokeAsync(AdminSession session, string id)
    {
        var agent = await session.Database.Agents.SingleOrDefaultAsync(a => a.Id == id && a.RevokedAt == null, session.Cancel)
            ?? throw AdminSession.Refuse($"there is no agent '{id}' that is not revoked: see passthrough-gateway agent list");
        agent.RevokedAt = session.Now;
        session.Tenant = agent.TenantId;
        await session.SaveAsync();
        return AdminResult.Done(
            new JsonObject { ["agentId"] = id, ["revokedAt"] = AdminResult.Instant(session.Now) },
            $"Agent {id} ({agent.Name}) revoked.");
    }
}
