using Akka.Actor;
using Akka.Cluster;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Takes a dead member out without waiting for the cluster's own decision.</summary>
internal sealed class ClusterDown(ActorSystem system) : OperatorCommand(
    new("cluster", "down", OperatorRole.Operate,
        "Takes a member out that is unreachable and certainly dead. The cluster does so by itself after some seconds, and safely.", [])
    {
        Arguments = [NodeArgument.Address],
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == "address" ? NodeArgument.Suggestions(system) : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var (cluster, member) = (Cluster.Get(system), NodeArgument.Find(system, call.Line["address"]));
        if (!cluster.State.Unreachable.Contains(member))
        {
            throw new OperatorRefusalException(
                OperatorRefusal.Unavailable, $"{call.Line["address"]} answers: have it leave with cluster leave, or stop its program");
        }

        cluster.Down(member.Address);
        return Task.FromResult(CommandStep.Said($"{call.Line["address"]} is taken out; its accounts get a new home in some seconds"));
    }
}
