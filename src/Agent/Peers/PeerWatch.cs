using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Peers;

namespace Passthrough.Agent.Peers;

/// <summary>While the node is a member: tells the gateway so, keeps the list of peers, and parts from those who are revoked.</summary>
internal sealed class PeerWatch(
    ClusterNodeOptions node, Func<ActorSystem> system, ClusterForming forming, PeerInquiry inquiry, PeerRoster roster, NodeTransportSetup transport,
    IHostApplicationLifetime lifetime, HostFaults faults, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var cluster = Akka.Cluster.Cluster.Get(system());
        cluster.RegisterOnMemberRemoved(() =>
        {
            if (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                faults.Stop(new StartFault(
                    FaultKind.TakenOutOfCluster, "the others took this agent out of the cluster, or it could not go on without them: it ends, to join as a new member when it is started again"));
            }
        });
        do
        {
            if (forming.Journal != Guid.Empty)
            {
                await AskAsync(cluster, stoppingToken);
            }

            await Task.Delay(FormingLeave.AskInterval, clock, stoppingToken);
        }
        while (true);
    }

    private async Task AskAsync(Akka.Cluster.Cluster cluster, CancellationToken cancel)
    {
        var members = cluster.State.Members.Count;
        var reply = await inquiry.AskAsync(ClusterForming.AddressOf(cluster.SelfAddress), forming.Journal, members, wantsToForm: false, cancel);
        if (reply is null)
        {
            return;
        }

        foreach (var revoked in roster.Accept(reply, forming.Journal))
        {
            transport.Transport?.Cut(revoked.AgentId);
            if (node.ParseNode(revoked.Address) is { } address)
            {
                cluster.Down(address);
            }
        }
    }
}
