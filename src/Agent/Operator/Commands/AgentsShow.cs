using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>One agent.</summary>
internal sealed class AgentsShow(AgentRows agent) : OperatorCommand(
    new("agents", "show", OperatorRole.Read, "One agent.",
    [
        .. AgentRows.Columns, new("agentId", "agent id"), new("tenant", "tenant"), new("forests", "forests"),
        new("credits", "credits", ColumnKind.Number), new("certificateSince", "certificate since (UTC)"),
    ])
    {
        Arguments = [AgentRows.Name],
        IsForEveryNode = true,
        Layout = RowLayout.Record,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) =>
        Task.FromResult(CommandStep.Of([agent.Short().Concat(agent.Details())]));
}
