using Akka.Actor;
using Akka.Cluster.Sharding;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Forests;

/// <summary>Two nodes as the agent starts them, over real connections and with what may cross them.</summary>
public sealed class ForestNodesTests
{
    private const string Corp = "corp.example";

    [Fact]
    public async Task A_node_that_cannot_reach_a_forest_knows_its_names_from_a_peer_and_hands_its_attempts_over()
    {
        using var folder = new ScratchDirectory();
        await using var first = await TestNode.StartAsync(folder.File("journal.db"));
        await using var second = await TestNode.StartAsync(folder.File("journal.db"), options: node => node.SeedNodes = [first.EndPoint]);
        var reaches = new Part(first, "a1", isReachable: true);
        var cannot = new Part(second, "a2", isReachable: false);

        await Await.ThatAsync(() => cannot.Routes.Of(Corp)!.Version > 0, "the names arrive");
        Assert.Equal((Corp, "upn-suffix new.example"), (cannot.Routes.Table.Find("new.example").Claim!.Forest, cannot.Routes.Table.Find("new.example").Claim!.Told));
        await Await.ThatAsync(() => cannot.Peers.Of(Corp).Count() == 2, "both know both");

        var header = new AttemptHeader("acme", Corp, Guid.CreateVersion7(), "anna@corp.example", 0, 8_000, 1, Guid.NewGuid());
        var attempt = new Attempt { Header = ByteString.CopyFrom(header.Encode()), SealedPassword = ByteString.CopyFrom(new byte[128]), RemainingMs = 8_000 };

        // What a peer told is forgotten when it is silent for a while: nothing was sent then.
        PeerReply reply = default;
        await Wait.UntilAsync(async () => (reply = await cannot.Peers.HandOverAsync(header, attempt, Await.Patience)).Peer is not null);

        Assert.Equal("a1", reply.Peer);
        Assert.Equal(header.AttemptId, Script.AttemptOf(reply.Reply!));
        var taken = Assert.Single(reaches.Taken);
        Assert.Equal((attempt.Header, attempt.SealedPassword, true), (taken.Attempt.Header, taken.Attempt.SealedPassword, taken.IsHandedOver));

        // The entity lives on the first node, or it moves there when the second leaves: either way the version goes on.
        var before = reaches.Routes.Of(Corp)!.Version;
        await second.StopAsync();
        var refreshed = await reaches.RefreshAsync().InTime();
        Assert.Equal("", refreshed.Fault);
        Assert.True(refreshed.Version > before, $"{refreshed.Version} after {before}");
    }

    private sealed class Part
    {
        private readonly IActorRef _region;

        public Part(TestNode node, string agent, bool isReachable)
        {
            _region = ClusterSharding.Get(node.System).ShardRegion(ForestShards.TypeName);
            Peers = new ForestPeers(agent, _ => true, new SteadyClock(TimeProvider.System));
            var served = new ServedForest(Corp, () => isReachable, () => [new ControllerView("dc1", isReachable, 900, 0, true, false)], _ =>
                Task.FromResult(new ForestNamesReply(new ForestNames(Corp, [new DomainNames(Corp, "corp")], ["new.example"], []), "dc1", null)));
            var parts = new ForestNodeParts(agent, agent, [served], _region, Routes, Peers, () => 0, Take, TimeProvider.System, NullLogger.Instance);
            node.System.ActorOf(Props.Create(() => new ForestNode(parts)), "forests");
        }

        public ForestRoutes Routes { get; } = new([new ForestOptions { Name = Corp }]);

        public ForestPeers Peers { get; }

        public List<IncomingAttempt> Taken { get; } = [];

        public async Task<ForestProtocol.Refreshed> RefreshAsync()
        {
            while (true)
            {
                try
                {
                    var asked = _region.Ask<ForestProtocol.Refreshed>(new ForestProtocol.Refresh(Corp), TimeSpan.FromSeconds(5));
                    return await asked is { Version: > 0, Fault: "" } read
                        ? read
                        : throw new AskTimeoutException("an entity that was just started knows no node yet");
                }
                catch (AskTimeoutException)
                {
                    // The shard is on its way.
                    await Task.Delay(100);
                }
            }
        }

        private bool Take(IncomingAttempt incoming)
        {
            Taken.Add(incoming);
            incoming.Reply(Script.Answer(incoming).Result);
            return true;
        }
    }
}
