using Akka.Actor;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Peers;

namespace Passthrough.Agent.Peers;

/// <summary>Brings a node without a list of its own into the cluster of its tenant, or has it form that cluster.</summary>
internal sealed class ClusterForming(
    ClusterNodeOptions node, PeerInquiry inquiry, PeerRoster roster, JournalHealth journal, TimeProvider clock, ILogger<ClusterForming> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Time to be let in before the list is dialled anew. Shorter than a node goes on trying (hocon/cluster.conf).</summary>
    private static readonly TimeSpan JoinTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(30);

    /// <summary>Which journal this node counts in: as its database says, or as it did when the list was told. Empty if neither is known.</summary>
    public Guid Journal => journal.Identity != Guid.Empty ? journal.Identity : roster.Now.Journal;

    /// <summary>As the gateway is told it.</summary>
    public static string AddressOf(Address self) => $"{self.Host}:{self.Port}";

    /// <summary>Until <paramref name="up"/> completes.</summary>
    public async Task JoinAsync(Akka.Cluster.Cluster cluster, Task up, CancellationToken cancel)
    {
        var (began, told, joining) = (clock.GetTimestamp(), clock.GetTimestamp(), (long?)null);
        while (!up.IsCompleted)
        {
            switch (await AskAsync(cluster.SelfAddress, cancel))
            {
                case FormingStep.Form when cluster.State.Members.IsEmpty:
                    cluster.Join(cluster.SelfAddress);
                    break;
                case FormingStep.Join when joining is not { } since || clock.GetElapsedTime(since) >= JoinTime:
                    joining = Dial(cluster);
                    break;
            }

            await Task.WhenAny(up, Task.Delay(Pause, clock, cancel));
            cancel.ThrowIfCancellationRequested();
            if (!up.IsCompleted && clock.GetElapsedTime(told) >= TellEvery)
            {
                told = clock.GetTimestamp();
                log.NotLetIn(clock.GetElapsedTime(began).TotalMilliseconds, WhomItAsks());
            }
        }
    }

    private async Task<FormingStep> AskAsync(Address self, CancellationToken cancel)
    {
        if (Journal == Guid.Empty)
        {
            // Without it nobody knows which cluster this node belongs to. It is there as soon as the database is, once.
            return FormingStep.Join;
        }

        var asked = clock.GetTimestamp();
        var reply = await inquiry.AskAsync(AddressOf(self), Journal, members: 0, wantsToForm: true, cancel);
        if (reply is not null)
        {
            roster.Accept(reply, Journal);
        }

        return Forming.Next(reply?.MayForm, clock.GetElapsedTime(asked));
    }

    /// <summary>They let in who asks if they are members; none forms a cluster by this.</summary>
    private long? Dial(Akka.Cluster.Cluster cluster)
    {
        var peers = roster.Now.Peers.Select(peer => node.ParseNode(peer.Address)).OfType<Address>().Where(peer => peer != cluster.SelfAddress).ToList();
        if (peers.Count == 0)
        {
            return null;
        }

        cluster.JoinSeedNodes(peers);
        return clock.GetTimestamp();
    }

    private string WhomItAsks() =>
        Journal == Guid.Empty ? "it has never seen its journal, which says to which cluster it belongs"
        : roster.Now.Peers.Count == 0 ? "it knows no other agent, and has no gateway's leave to form a cluster"
        : $"it asks {string.Join(", ", roster.Now.Peers.Select(peer => $"{peer.Name} at {peer.Address}"))}; can they be reached, and do they run?";
}
