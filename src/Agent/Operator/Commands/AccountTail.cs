using Passthrough.Agent.Attempts;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Attempts on one account as they end.</summary>
internal sealed class AccountTail(AttemptWatch watch, AccountNames names) : OperatorCommand(
    new("account", "tail", OperatorRole.Read, "Attempts on an account as they end, on all nodes.", AttemptRows.ColumnsOfOne)
    {
        Arguments = [AccountArgument.Definition, Tail.Last, Tail.Once],
        IsForEveryNode = true,
        IsTail = true,
        Layout = RowLayout.Line,
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        watch.Look();
        var account = await names.FindAsync(call.Line[AccountArgument.Definition.Name], deadline);
        return Tail.Step(call, watch.Ring, each => each.Account == account, AttemptRows.OfOne);
    }
}
