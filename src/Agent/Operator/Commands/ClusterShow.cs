using Akka.Actor;
using Akka.Cluster;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>The cluster as this node sees it, members in the order in which they joined.</summary>
internal sealed class ClusterShow(ActorSystem system) : OperatorCommand(
    new("cluster", "show", OperatorRole.Read, "The members of the cluster, as this node sees them, in the order in which they joined.",
    [
        new("address", "address"), new("roles", "roles"), new("status", "status"), new("reachability", "reachability"), new("version", "version"),
        new("leader", "leader", ColumnKind.Flag),
    ])
    {
        Layout = RowLayout.Line,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var state = Cluster.Get(system).State;
        return Task.FromResult(CommandStep.Of(
            from member in state.Members.OrderBy(member => member, Member.AgeOrdering)
            select new[]
            {
                member.Address.ToString(), $"[{string.Join(", ", member.Roles)}]", member.Status.ToString().ToLowerInvariant(),
                state.Unreachable.Contains(member) ? "unreachable" : "reachable", member.AppVersion.ToString(),
                Plain.Flag(member.Address.Equals(state.Leader)),
            }));
    }
}
