using Passthrough.Agent.Connector;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Ends a drain.</summary>
internal sealed class AgentsResume(AgentRows agent, GatewayConnector gateways) : OperatorCommand(
    new("agents", "resume", OperatorRole.Operate, "Has an agent take work again that was drained.", AgentRows.Columns)
    {
        Arguments = [AgentRows.Name],
        IsForEveryNode = true,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        gateways.Gate.Set(isOpen: true);
        return Task.FromResult(CommandStep.Of([agent.Short()]));
    }
}
