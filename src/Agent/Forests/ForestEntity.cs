using Akka.Actor;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Forests;

/// <summary>One forest, once in the cluster: gathers how its nodes see it, has one of them read its names, and publishes both to
/// all. It keeps nothing that outlives it: started anew elsewhere it knows the nodes within seconds and reads the names again.</summary>
internal sealed class ForestEntity : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly string _forest;
    private readonly TimeProvider _clock;
    private readonly SteadyClock _steady;
    private readonly ILogger _log;
    private readonly List<IActorRef> _waiting = [], _waitingForNext = [];
    private NodeViews<IActorRef> _views = NodeViews<IActorRef>.None;
    private NamesReading _reading;
    private string? _askedOf, _failedLast;
    private ForestSnapshot? _snapshot;
    private string _fault = "";
    private long _seen;
    private long _number;

    /// <param name="forest">DNS name in lower case.</param>
    public ForestEntity(string forest, TimeProvider clock, ILogger<ForestEntity> log)
    {
        (_forest, _clock, _steady, _log) = (forest, clock, new SteadyClock(clock), log);
        _reading = new NamesReading(_steady.Now);
        Receive<Register>(OnRegister);
        Receive<NamesRead>(OnRead);
        Receive<Refresh>(_ => OnRefresh());
        Receive<Tick>(_ => OnTick());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickInterval);

    private void OnRegister(Register told)
    {
        _seen = Math.Max(_seen, told.View.Version);
        _views = _views.With(told.View, Sender, _steady.Now);
        Sender.Tell(Publication(_snapshot is { } snapshot && snapshot.Version > told.View.Version ? snapshot : null));
        ReadIfDue();
    }

    private void OnTick()
    {
        if (_reading.IsLost(_steady.Now))
        {
            OnFailed($"{_askedOf} did not answer");
        }

        ReadIfDue();
    }

    /// <summary>What is being read may have been read before what the asker wants to see was written: he waits for the next.</summary>
    private void OnRefresh()
    {
        _waitingForNext.Add(Sender);
        _reading = _reading.Now(_steady.Now);
        ReadIfDue();
    }

    private void ReadIfDue()
    {
        var now = _steady.Now;
        if (!_reading.IsDue(now))
        {
            return;
        }

        _waiting.AddRange(_waitingForNext);
        _waitingForNext.Clear();
        if (_views.Reader(_failedLast, (uint)Random.Shared.NextInt64(), now) is not { } reader)
        {
            // Due until somebody reaches it; who waits need not.
            if (_waiting.Count > 0)
            {
                Answer("no node reaches a domain controller of it");
            }

            return;
        }

        _reading = _reading.Asked(now);
        _askedOf = reader.View.Agent;
        reader.Node.Tell(new ReadNames(_forest, ++_number));
    }

    private void OnRead(NamesRead read)
    {
        if (_reading.AskedAt is null || read.Reading != _number)
        {
            return;
        }

        if (read.Names is null)
        {
            OnFailed(read.Fault);
            return;
        }

        _snapshot = new ForestSnapshot(
            read.Names, ForestSnapshot.NextVersion(Math.Max(_seen, _snapshot?.Version ?? 0), _clock.GetUtcNow()), _clock.GetUtcNow(), read.ReadFrom);
        (_reading, _failedLast) = (NamesReading.Done(_steady.Now), null);
        foreach (var node in _views.Fresh(_steady.Now))
        {
            node.Node.Tell(Publication(_snapshot));
        }

        if (_fault.Length > 0)
        {
            _log.NamesReadAgain(_forest, read.ReadFrom);
        }

        Answer("");
    }

    private void OnFailed(string fault)
    {
        (_reading, _failedLast) = (_reading.Failed(_steady.Now), _askedOf);
        if (fault != _fault)
        {
            _log.NamesNotRead(_forest, fault);
        }

        Answer(fault);
    }

    /// <summary>To those who asked for this reading; who has asked meanwhile has the next one at once.</summary>
    private void Answer(string fault)
    {
        _fault = fault;
        _waiting.ForEach(asker => asker.Tell(new Refreshed(_snapshot?.Version ?? _seen, fault)));
        _waiting.Clear();
        if (_waitingForNext.Count > 0)
        {
            _reading = _reading.Now(_steady.Now);
            ReadIfDue();
        }
    }

    private Published Publication(ForestSnapshot? snapshot)
    {
        var now = _steady.Now;
        return new Published(_forest, snapshot, [.. _views.Fresh(now).Select(each => new KnownNode(each.View, each.Node, now - each.HeardAt))]);
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
