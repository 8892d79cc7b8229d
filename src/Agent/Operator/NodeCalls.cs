using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator;

/// <summary>The way to the nodes of the cluster, this one too.</summary>
internal sealed class NodeCalls(ActorSystem system)
{
    public Address Self => Cluster.Get(system).SelfAddress;

    /// <summary>Those that are believed to answer.</summary>
    public ImmutableArray<Address> Members
    {
        get
        {
            var state = Cluster.Get(system).State;
            return
            [
                .. state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving && !state.Unreachable.Contains(member))
                    .Select(member => member.Address),
            ];
        }
    }

    /// <returns>Null: it did not answer in time.</returns>
    public async Task<RanHere?> AskAsync(Address node, RunHere what, TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            return await system.ActorSelection(new RootActorPath(node) / "user" / OperatorNode.Name).Ask<RanHere>(what, patience, cancel);
        }
        catch (Exception e) when (e is AskTimeoutException or OperationCanceledException)
        {
            return null;
        }
    }
}
