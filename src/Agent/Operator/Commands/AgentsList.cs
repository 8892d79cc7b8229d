using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>The agents of the cluster.</summary>
internal sealed class AgentsList(AgentRows agent) : OperatorCommand(
    new("agents", "list", OperatorRole.Read,
        "The agents of this cluster. One is added with passthrough-gateway token create, and taken out for good with passthrough-gateway agent revoke, at the gateway.",
        AgentRows.Columns)
    {
        IsForEveryNode = true,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(CommandStep.Of([agent.Short()]));
}
