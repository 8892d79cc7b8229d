using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>The forests whose passwords this agent checks.</summary>
internal sealed class ForestsList(ForestRows forests) : OperatorCommand(
    new("forests", "list", OperatorRole.Read, "The forests of this agent: their names, since when, and which nodes reach them.", ForestRows.Columns)
    {
        Layout = RowLayout.Record,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(CommandStep.Of(forests.All));
}
