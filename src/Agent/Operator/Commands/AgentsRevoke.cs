using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Peers;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Says how an agent is taken out for good. No agent can do that to another: by one that is stolen all could be shut out.</summary>
internal sealed class AgentsRevoke(EnrolmentRecord self, PeerRoster peers) : OperatorCommand(
    new("agents", "revoke", OperatorRole.Read, "Tells the command that takes an agent out for good: only the gateway can run it.", [])
    {
        Arguments = [new("agent", "Its name, agent id or address.") { IsRequired = true }],
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == "agent" ? Known.Select(each => each.Name) : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var text = call.Line["agent"];
        var meant = Known.Where(each => each.Name.Equals(text, StringComparison.OrdinalIgnoreCase) || text == each.AgentId || text == each.Address)
            .Select(each => each.AgentId).Distinct().ToList();
        var hint = meant.Count == 1 ? ""
            : $" ({(meant.Count == 0 ? $"no agent is known here as {text}" : $"{meant.Count} agents are called {text}")}: AGENT-ID as passthrough-gateway agent list shows it)";
        throw new OperatorRefusalException(
            OperatorRefusal.Unavailable,
            "only the gateway revokes an agent: if an agent could, one that is stolen could shut out all others. "
            + $"Run there: `passthrough-gateway agent revoke {(meant.Count == 1 ? meant[0] : "AGENT-ID")} --reason WHY`{hint}");
    }

    /// <summary>Those that the gateways have told of, whether they run or not.</summary>
    private IEnumerable<KnownPeer> Known => peers.Now.Peers.Prepend(new KnownPeer(self.AgentId, self.AgentName, ""));
}
