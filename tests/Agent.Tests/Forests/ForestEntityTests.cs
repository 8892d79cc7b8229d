using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Tests.Forests;

public sealed class ForestEntityTests : TestKit
{
    private const string Corp = "corp.example";
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CapturedLog<ForestEntity> _log = new();

    public ForestEntityTests()
        : base(Await.PatientProbes + """akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
    }

    [Fact]
    public void Names_are_read_by_one_node_and_published_to_all()
    {
        var (entity, reads, other) = (NewEntity(), CreateTestProbe(), CreateTestProbe());
        Register(entity, other, "a2", reaches: false);
        Assert.Null(other.ExpectMsg<Published>().Snapshot);
        Register(entity, reads, "a1");
        Assert.Equal(["a1", "a2"], reads.ExpectMsg<Published>().Nodes.Select(node => node.View.Agent));

        Answer(entity, reads, Names("new.example"));

        foreach (var probe in new[] { reads, other })
        {
            var snapshot = probe.ExpectMsg<Published>().Snapshot!;
            Assert.Equal((Corp, "new.example", "dc1.corp.example"), (snapshot.Forest, Assert.Single(snapshot.UpnSuffixes), snapshot.ReadFrom));
            Assert.True(snapshot.Version > 0);
        }
    }

    [Fact]
    public void Who_has_the_newest_is_told_of_the_nodes_only()
    {
        var (entity, node) = (NewEntity(), CreateTestProbe());
        var version = Read(entity, node, "a1").Version;

        Register(entity, node, "a1", version: version);
        Assert.Null(node.ExpectMsg<Published>().Snapshot);
        Register(entity, node, "a1", version: version - 1);
        Assert.Equal(version, node.ExpectMsg<Published>().Snapshot!.Version);
    }

    [Fact]
    public void When_the_node_that_was_asked_dies_another_reads()
    {
        var (entity, dies, lives) = (NewEntity(), CreateTestProbe(), CreateTestProbe());
        Register(entity, dies, "a1");
        dies.ExpectMsg<Published>();
        dies.ExpectMsg<ReadNames>();
        Register(entity, lives, "a2");
        lives.ExpectMsg<Published>();

        Advance(entity, NamesReading.Patience);
        Register(entity, lives, "a2");
        lives.ExpectMsg<Published>();
        Advance(entity, NamesReading.FirstPause);
        Answer(entity, lives, Names("new.example"));

        var published = lives.ExpectMsg<Published>();
        Assert.NotNull(published.Snapshot);
        Assert.Equal("a2", Assert.Single(published.Nodes).View.Agent);
        Assert.Contains(_log.Lines, line => line.Contains("a1 did not answer", StringComparison.Ordinal));
    }

    [Fact]
    public void An_entity_that_is_started_anew_goes_on_counting_from_what_the_nodes_have()
    {
        var node = CreateTestProbe();
        var far = _clock.GetUtcNow().AddYears(1).ToUnixTimeMilliseconds();
        var first = Read(NewEntity(), node, "a1", version: far);
        Assert.Equal(far + 1, first.Version);

        Assert.True(Read(NewEntity(), node, "a1", version: first.Version).Version > first.Version);
    }

    [Fact]
    public void Names_that_cannot_be_read_leave_the_last_in_force_and_one_line_says_so()
    {
        var (entity, node) = (NewEntity(), CreateTestProbe());
        var version = Read(entity, node, "a1").Version;
        Advance(entity, NamesReading.Interval);
        Register(entity, node, "a1", version: version);
        for (var i = 0; i < 3; i++)
        {
            node.FishForMessage(message => message is ReadNames);
            entity.Tell(new NamesRead(Corp, ((ReadNames)node.LastMessage!).Reading, null, "", "dc1 is down"), node);
            Advance(entity, NamesReading.FirstPause * 8);
            Register(entity, node, "a1", version: version);
        }

        Register(entity, CreateTestProbe(), "a2");
        Assert.Single(_log.Lines, line => line.Contains("dc1 is down", StringComparison.Ordinal));
        node.FishForMessage(message => message is ReadNames);
        entity.Tell(new NamesRead(Corp, ((ReadNames)node.LastMessage!).Reading, Names("x.example"), "dc2", ""), node);
        Assert.True(((Published)node.FishForMessage(message => message is Published { Snapshot: not null })).Snapshot!.Version > version);
        Settle(entity);
        Assert.Single(_log.Lines, line => line.Contains("can be read again", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_asks_for_a_refresh_while_names_are_being_read_waits_for_the_next_reading()
    {
        var (entity, node, asker) = (NewEntity(), CreateTestProbe(), CreateTestProbe());
        Register(entity, node, "a1");
        node.ExpectMsg<Published>();
        var before = node.ExpectMsg<ReadNames>();
        entity.Tell(new Refresh(Corp), asker);
        entity.Tell(new NamesRead(Corp, before.Reading, Names("old.example"), "dc1", ""), node);
        node.ExpectMsg<Published>();
        asker.ExpectNoMsg(TimeSpan.Zero);

        Answer(entity, node, Names("new.example"));

        Assert.Equal(node.ExpectMsg<Published>().Snapshot!.Version, asker.ExpectMsg<Refreshed>().Version);
    }

    [Fact]
    public void A_refresh_that_nobody_can_do_is_answered_at_once()
    {
        var (entity, node, asker) = (NewEntity(), CreateTestProbe(), CreateTestProbe());
        Register(entity, node, "a1", reaches: false);

        entity.Tell(new Refresh(Corp), asker);

        Assert.Equal(new Refreshed(0, "no node reaches a domain controller of it"), asker.ExpectMsg<Refreshed>());
    }

    [Fact]
    public void An_answer_to_an_earlier_question_is_not_taken()
    {
        var (entity, node) = (NewEntity(), CreateTestProbe());
        Register(entity, node, "a1");
        node.ExpectMsg<Published>();
        var asked = node.ExpectMsg<ReadNames>();

        entity.Tell(new NamesRead(Corp, asked.Reading - 1, Names("old.example"), "dc1", ""), node);

        node.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    private IActorRef NewEntity() =>
        Sys.ActorOf(Props.CreateBy(new EntityProducer<ForestEntity>(() => new ForestEntity(Corp, _clock, _log))));

    private static void Register(IActorRef entity, TestProbe node, string agent, bool reaches = true, long version = 0) =>
        entity.Tell(new Register(Corp, new NodeView(agent, agent, reaches, 0, version, [])), node);

    private static void Answer(IActorRef entity, TestProbe node, ForestNames names)
    {
        var asked = node.ExpectMsg<ReadNames>();
        entity.Tell(new NamesRead(Corp, asked.Reading, names, "dc1.corp.example", ""), node);
    }

    private static ForestSnapshot Read(IActorRef entity, TestProbe node, string agent, long version = 0)
    {
        Register(entity, node, agent, version: version);
        node.ExpectMsg<Published>();
        Answer(entity, node, Names("new.example"));
        return node.ExpectMsg<Published>().Snapshot!;
    }

    /// <summary>After all that was told before.</summary>
    private void Advance(IActorRef entity, TimeSpan time)
    {
        Settle(entity);
        _clock.Advance(time);
        ((TestScheduler)Sys.Scheduler).Advance(time);
    }

    /// <summary>It has done with all that was told before.</summary>
    private void Settle(IActorRef entity)
    {
        entity.Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>();
    }

    private static ForestNames Names(string suffix) => new(Corp, [new DomainNames(Corp, "corp")], [suffix], []);
}
