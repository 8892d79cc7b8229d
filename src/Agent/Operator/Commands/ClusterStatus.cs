using Akka.Actor;
using Akka.Cluster;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>How each node sees the cluster: nodes that do not agree are not one cluster.</summary>
internal sealed class ClusterStatus(ActorSystem system, MemoryGrants grants) : OperatorCommand(
    new("cluster", "status", OperatorRole.Read, "How each node sees the cluster and itself; nodes that see different leaders are apart.",
    [
        new("address", "address"), new("status", "status"), new("members", "members", ColumnKind.Number),
        new("unreachable", "unreachable", ColumnKind.Number), new("leader", "leader"), new("lease", "lease"),
    ])
    {
        IsForEveryNode = true,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var cluster = Cluster.Get(system);
        return Task.FromResult(CommandStep.Of([
        [
            $"{cluster.SelfAddress.Host}:{cluster.SelfAddress.Port}", cluster.SelfMember.Status.ToString().ToLowerInvariant(),
            Plain.Number(cluster.State.Members.Count), Plain.Number(cluster.State.Unreachable.Count),
            cluster.State.Leader is { } leader ? $"{leader.Host}:{leader.Port}" : "none", grants.Allowed ? "held" : "over",
        ]]));
    }
}
