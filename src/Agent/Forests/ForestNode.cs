using Akka.Actor;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Attempts;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Forests;

/// <summary>A forest that this node serves, as its part in the cluster sees it.</summary>
/// <param name="Forest">DNS name in lower case.</param>
internal sealed record ServedForest(
    string Forest, Func<bool> IsReachable, Func<IReadOnlyList<ControllerView>> Controllers, Func<CancellationToken, Task<ForestNamesReply>> ReadNamesAsync);

/// <summary>This node among the nodes of its forests: tells the entity of each how it sees the forest, keeps what the entity
/// publishes, reads names when it is asked to, and takes attempts over from nodes that cannot reach a forest. Holds no rule.</summary>
internal sealed class ForestNode : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(10);

    private readonly ForestNodeParts _parts;

    public ForestNode(ForestNodeParts parts)
    {
        _parts = parts;
        Receive<Tick>(_ => Register());
        Receive<Published>(OnPublished);
        Receive<ReadNames>(OnReadNames);
        Receive<TakeOver>(OnTakeOver);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.Zero, NodeView.Interval);

    private void Register()
    {
        foreach (var served in _parts.Forests)
        {
            _parts.Region.Tell(new Register(served.Forest, new NodeView(
                _parts.Agent, _parts.Name, served.IsReachable(), _parts.Load(), _parts.Routes.Of(served.Forest)?.Version ?? 0,
                [.. served.Controllers().Take(NodeView.MaxControllers)])));
        }
    }

    private void OnPublished(Published published)
    {
        _parts.Peers.Keep(published);
        var before = _parts.Routes.Of(published.Forest);
        if (published.Snapshot is { } snapshot && _parts.Routes.Accept(snapshot) && before is { } known
            && _parts.Routes.Of(published.Forest) is { } now && !IsSame(known, now))
        {
            _parts.Log.NamesInForce(now.Forest, now.Domains.Length, now.UpnSuffixes.Length, now.Version, now.ReadFrom);
        }
    }

    private static bool IsSame(ForestSnapshot one, ForestSnapshot other) =>
        one.Domains.SequenceEqual(other.Domains) && one.UpnSuffixes.SequenceEqual(other.UpnSuffixes);

    private void OnReadNames(ReadNames asked)
    {
        if (_parts.Forests.FirstOrDefault(forest => forest.Forest == asked.Forest) is { } served)
        {
            ReadAsync(served, asked.Reading).PipeTo(Sender, Self);
        }
    }

    private static async Task<NamesRead> ReadAsync(ServedForest served, long reading)
    {
        using var deadline = new CancellationTokenSource(ReadingTime);
        var reply = await served.ReadNamesAsync(deadline.Token);
        var fault = reply.Names is { } names ? ForestNamesForm.Fault(names) : reply.Fault;
        return new NamesRead(served.Forest, reading, fault is null ? reply.Names : null, reply.DomainController, fault ?? "");
    }

    /// <summary>Through the same door as attempts of a stream: full means busy.</summary>
    private void OnTakeOver(TakeOver handed)
    {
        var (asker, self) = (Sender, Self);
        var incoming = new IncomingAttempt(
            handed.Attempt, _parts.Clock.GetTimestamp(), reply => asker.Tell(new TakenOver(reply), self))
        {
            IsHandedOver = true,
        };
        if (!_parts.TryTake(incoming))
        {
            incoming.Reply(Refusals.Of(handed.Attempt, HandBackReason.Busy));
        }
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}

/// <summary>What a <see cref="ForestNode"/> works with.</summary>
/// <param name="Agent">This node's agent id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Region">The way to the entities.</param>
/// <param name="Load">Attempts that this node has taken and not answered.</param>
/// <param name="TryTake">See <see cref="Intake.TryTake"/>.</param>
internal sealed record ForestNodeParts(
    string Agent, string Name, IReadOnlyList<ServedForest> Forests, IActorRef Region, ForestRoutes Routes, ForestPeers Peers, Func<int> Load,
    Func<IncomingAttempt, bool> TryTake, TimeProvider Clock, ILogger Log);
