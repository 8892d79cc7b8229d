using Passthrough.Agent.Attempts;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>The last attempts on one account that signed nobody in.</summary>
internal sealed class AccountFailures(AttemptWatch watch, AccountNames names) : OperatorCommand(
    new("account", "failures", OperatorRole.Read,
        $"The last attempts on an account that signed nobody in, as far as they are among the last {AttemptWatch.Capacity} of a node.", AttemptRows.ColumnsOfOne)
    {
        Arguments = [AccountArgument.Definition, Tail.Last],
        IsForEveryNode = true,
        SortedBy = "at",
        Shown = Tail.Last.Name,
        Layout = RowLayout.Line,
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var account = await names.FindAsync(call.Line[AccountArgument.Definition.Name], deadline);
        var failed = watch.Ring.Since(0).Items.Where(each => each.Account == account && each.Verdict != Verdict.Success).ToList();
        return CommandStep.Of(failed.Skip(Math.Max(0, failed.Count - (int)call.Line.Number(Tail.Last.Name))).Select(AttemptRows.OfOne));
    }
}
