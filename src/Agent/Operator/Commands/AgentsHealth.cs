using Passthrough.Agent.Monitoring;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>What is wrong, and where?</summary>
internal sealed class AgentsHealth(AgentMonitoring monitoring) : OperatorCommand(
    new("agents", "health", OperatorRole.Read, "How each part of each agent is, as its monitoring port tells it.",
        [new("part", "part"), new("state", "state"), new("reason", "reason")])
    {
        IsForEveryNode = true,
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var parts = await Task.WhenAll(monitoring.Parts.Select(async part => (part.Name, Finding: await part.LookAsync(deadline))));
        return CommandStep.Of(parts.Select(part => new[] { part.Name, part.Finding.State.ToString().ToLowerInvariant(), part.Finding.Reason }));
    }
}
