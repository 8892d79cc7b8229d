using Akka.Actor;
using Akka.TestKit.Xunit2;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Tests.Forests;

public sealed class ForestPeersTests : TestKit
{
    private const string Corp = "corp.example";
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);
    private readonly HashSet<string> _down = [];
    private readonly ForestPeers _peers;

    public ForestPeersTests()
        : base(Await.PatientProbes + "akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }") =>
        _peers = new ForestPeers("a1", address => !_down.Contains(address.ToString()), new SteadyClock(new FakeTimeProvider()));

    [Fact]
    public async Task An_attempt_goes_to_the_peer_with_the_least_to_do_and_its_reply_comes_back()
    {
        var (busy, idle, attempt) = (CreateTestProbe(), CreateTestProbe(), New());
        _peers.Keep(new Published(Corp, null, [Node("a1", TestActor, 0), Node("a2", busy, 9), Node("a3", idle, 8)]));

        var reply = _peers.HandOverAsync(attempt.Header, attempt.Message, TimeSpan.FromSeconds(60));
        var handed = idle.ExpectMsg<TakeOver>().Attempt;
        Assert.Equal((attempt.Message.Header, 60_000u), (handed.Header, handed.RemainingMs));
        Assert.NotSame(attempt.Message, handed);
        idle.Reply(new TakenOver(attempt.Answer()));

        Assert.Equal(new PeerReply("a3", attempt.Answer()), await reply.InTime());
    }

    [Fact]
    public async Task What_a_peer_holds_counts_until_it_replies()
    {
        var (one, other) = (CreateTestProbe(), CreateTestProbe());
        _peers.Keep(new Published(Corp, null, [Node("a2", one, 0), Node("a3", other, 0)]));
        var attempts = Enumerable.Range(0, 10).Select(_ => New()).ToList();

        var replies = attempts.ConvertAll(attempt => _peers.HandOverAsync(attempt.Header, attempt.Message, Ample));
        foreach (var probe in new[] { one, other })
        {
            for (var i = 0; i < 5; i++)
            {
                probe.ExpectMsg<TakeOver>();
                probe.Reply(new TakenOver(null));
            }
        }

        Assert.All(await Task.WhenAll(replies).InTime(), reply => Assert.Null(reply.Reply));
    }

    [Fact]
    public async Task Nobody_is_asked_who_is_down_or_does_not_reach_it_or_was_heard_too_long_ago()
    {
        _down.Add("akka.tcp://x@10.0.0.9:1");
        var dead = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef("akka.tcp://x@10.0.0.9:1/user/forests");
        _peers.Keep(new Published(Corp, null,
        [
            Node("a1", TestActor, 0), Node("a2", dead, 0), Node("a3", TestActor, 0, reaches: false),
            Node("a4", TestActor, 0) with { Age = NodeView.Lifetime },
        ]));

        Assert.Equal(default, await _peers.HandOverAsync(New().Header, New().Message, Ample));
        Assert.Equal(default, await _peers.HandOverAsync(New("fabrikam.test").Header, New().Message, Ample));
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_reply_about_another_attempt_is_none()
    {
        var (peer, attempt) = (CreateTestProbe(), New());
        _peers.Keep(new Published(Corp, null, [Node("a2", peer, 0)]));

        var reply = _peers.HandOverAsync(attempt.Header, attempt.Message, Ample);
        peer.ExpectMsg<TakeOver>();
        peer.Reply(new TakenOver(New().Answer()));

        Assert.Equal(new PeerReply("a2", null), await reply.InTime());
    }

    [Fact]
    public async Task A_peer_that_does_not_reply_is_waited_for_as_long_as_there_is_time()
    {
        var attempt = New();
        _peers.Keep(new Published(Corp, null, [Node("a2", CreateTestProbe(), 0)]));

        Assert.Equal(new PeerReply("a2", null), await _peers.HandOverAsync(attempt.Header, attempt.Message, PeerChoice.LeastTime).InTime());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_node_takes_over_through_its_intake_and_says_so_when_that_is_full(bool hasRoom)
    {
        var taken = new List<IncomingAttempt>();
        var parts = new ForestNodeParts(
            "a1", "agent-1", [], CreateTestProbe(), new ForestRoutes([]), _peers, () => 0,
            incoming =>
            {
                taken.Add(incoming);
                return hasRoom;
            },
            TimeProvider.System, NullLogger.Instance);
        var (node, attempt) = (Sys.ActorOf(Props.Create(() => new ForestNode(parts))), New());

        node.Tell(new TakeOver(attempt.Message), TestActor);
        AwaitCondition(() => taken.Count == 1);
        Assert.True(taken[0].IsHandedOver);
        if (hasRoom)
        {
            taken[0].Reply(attempt.Answer());
            Assert.Equal(attempt.Answer(), ExpectMsg<TakenOver>().Reply);
        }
        else
        {
            Assert.Equal(NotAttempted.Types.Reason.Busy, ExpectMsg<TakenOver>().Reply!.NotAttempted.Reason);
        }
    }

    [Fact]
    public void A_node_tells_how_it_sees_its_forests_and_keeps_the_newest_that_is_published()
    {
        var region = CreateTestProbe();
        var routes = new ForestRoutes([new ForestOptions { Name = "Corp.example" }]);
        var served = new ServedForest(
            Corp, () => true, () => [new ControllerView("dc1", true, 900, 2, true, false)],
            _ => Task.FromResult(new ForestNamesReply(new ForestNames(Corp, [], ["new.example"], []), "dc1", null)));
        var parts = new ForestNodeParts("a1", "agent-1", [served], region, routes, _peers, () => 3, _ => false, TimeProvider.System, NullLogger.Instance);
        var node = Sys.ActorOf(Props.Create(() => new ForestNode(parts)));

        var told = region.ExpectMsg<Register>();
        Assert.Equal((Corp, "a1", "agent-1", true, 3, 0L), (told.Forest, told.View.Agent, told.View.Name, told.View.Reaches, told.View.Load, told.View.Version));
        Assert.Equal(900, Assert.Single(told.View.Controllers).LatencyMicros);

        region.Send(node, new ReadNames(Corp, 7));
        var read = region.FishForMessage<NamesRead>(message => message.Reading == 7);
        Assert.Equal(("dc1", ""), (read.ReadFrom, read.Fault));
        region.Send(node, new Published(Corp, new ForestSnapshot(read.Names!, 9, DateTimeOffset.UnixEpoch, "dc1"), [Node("a2", TestActor, 0)]));
        region.Send(node, new Published(Corp, new ForestSnapshot(read.Names! with { UpnSuffixes = [] }, 8, DateTimeOffset.UnixEpoch, "dc1"), []));
        AwaitCondition(() => routes.Of(Corp)!.Version > 0 && !_peers.Of(Corp).Any());
        Assert.Equal((9L, "new.example"), (routes.Of(Corp)!.Version, Assert.Single(routes.Of(Corp)!.UpnSuffixes)));
    }

    private static KnownNode Node(string agent, IActorRef node, int load, bool reaches = true) =>
        new(new NodeView(agent, agent, reaches, load, 0, []), node, TimeSpan.Zero);

    private static Sample New(string forest = Corp)
    {
        var header = new AttemptHeader("acme", forest, Guid.CreateVersion7(), "anna@corp.example", 0, 8_000, 1, Guid.NewGuid());
        return new Sample(header, new Attempt { Header = ByteString.CopyFrom(header.Encode()), RemainingMs = 8_000 });
    }

    private sealed record Sample(AttemptHeader Header, Attempt Message)
    {
        public FromAgent Answer() => new()
        {
            Answer = new Answer { AttemptId = ByteString.CopyFrom(Header.AttemptId.ToByteArray(bigEndian: true)), AttemptNumber = Header.AttemptNumber },
        };
    }
}
