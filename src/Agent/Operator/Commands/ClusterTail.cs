using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>What happens in the cluster, as each node sees it.</summary>
internal sealed class ClusterTail(ClusterEvents events) : OperatorCommand(
    new("cluster", "tail", OperatorRole.Read, "What happens in the cluster, as each node sees it: who joins, leaves, is unreachable, leads.",
        [new("at", "at (UTC)"), new("member", "member"), new("what", "what")])
    {
        Arguments = [Tail.Last, Tail.Once],
        IsForEveryNode = true,
        IsTail = true,
        Layout = RowLayout.Line,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(
        Tail.Step(call, events.Ring, _ => true, each => [Plain.Moment(each.At), each.Member, each.What]));
}
