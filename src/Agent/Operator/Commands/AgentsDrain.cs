using Passthrough.Agent.Connector;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Has an agent finish what it has and take no more, so that it can be stopped without anybody noticing.</summary>
internal sealed class AgentsDrain(AgentRows agent, GatewayConnector gateways) : OperatorCommand(
    new("agents", "drain", OperatorRole.Operate,
        "Has an agent finish what it has and take no more from the gateways. It stays a member of the cluster. A restart, or agents resume, ends it.",
        AgentRows.Columns)
    {
        Arguments = [AgentRows.Name],
        IsForEveryNode = true,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        gateways.Gate.Set(isOpen: false);
        return Task.FromResult(agent.IsDrained
            ? CommandStep.Of([agent.Short()])
            : CommandStep.Empty with { Cursor = call.Cursor + 1, IsDone = false, Progress = $"{gateways.Connected} streams are open, {agent.InFlight} attempts in flight" });
    }
}
