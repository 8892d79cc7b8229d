using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>One forest.</summary>
internal sealed class ForestsShow(ForestRows forests) : OperatorCommand(
    new("forests", "show", OperatorRole.Read, "One forest of this agent.", ForestRows.Columns)
    {
        Arguments = [ForestRows.Forest],
        Layout = RowLayout.Record,
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == ForestRows.Forest.Name ? forests.Names : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) =>
        Task.FromResult(CommandStep.Of([forests.Of(forests.Find(call.Line[ForestRows.Forest.Name]))]));
}
