using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Google.Protobuf;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>One stream of one agent: what it has in its hands, how much it takes, how it is. May be used by many threads; one
/// writer empties its queue.</summary>
internal sealed class AgentConnection : IReceiver
{
    /// <summary>Messages that wait to be written: so many, and the stream is not being read; attempts then go elsewhere.</summary>
    private const int QueueLength = 1024;

    /// <summary>Sessions of other instances that are remembered: each has one at a time, for a minute.</summary>
    private const int MaxAnnounced = 64;

    private readonly ConcurrentDictionary<Guid, Dispatch> _inFlight = new();
    private readonly Channel<Outgoing> _queue = Channel.CreateBounded<Outgoing>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Queue<ByteString> _announced = new();
    private readonly TimeProvider _time;
    private readonly Action _abort;
    private FrozenSet<string> _reachable = [];
    private LockoutNumbers? _policy;
    private volatile bool _healthy = true, _reported, _leaving, _closed;
    private int _outstanding;
    private int _credits;
    private long _heard;
    private long _busySince;

    /// <param name="abort">Cuts the connection under the stream.</param>
    public AgentConnection(AgentEntry agent, int credits, Action abort, TimeProvider time) =>
        (Agent, _credits, _abort, _time, _heard) = (agent, credits, abort, time, time.GetTimestamp());

    public AgentEntry Agent { get; }

    /// <summary>The one that the stream was opened with; DER.</summary>
    public ReadOnlyMemory<byte> Certificate { get; init; }

    /// <summary>For people: the program's version, and the time of its certificate.</summary>
    public AgentFacts Facts { get; init; } = new("", default, default);

    /// <summary>The greeting; first in the queue, because an agent that reads its welcome is one that gets work.</summary>
    public void Greet(Welcome welcome)
    {
        _policy = welcome.LockoutPolicy;
        TrySend(new FromGateway { Welcome = welcome });
    }

    /// <summary>Set once, before the connection is added to a pool.</summary>
    public required SealingSlot Seal { get; init; }

    /// <summary>The pools that it is in; they are told when it has room again.</summary>
    public IReadOnlyList<AgentPool> Pools { get; set; } = [];

    public ChannelReader<Outgoing> Queue => _queue.Reader;

    public int Outstanding => Volatile.Read(ref _outstanding);

    public int Credits => Volatile.Read(ref _credits);

    /// <summary>It takes no new work: one side said so, or a newer stream of this agent is there.</summary>
    public bool IsLeaving => _leaving;

    public TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _heard));

    /// <summary>When it was heard last.</summary>
    public DateTimeOffset HeardAt => _time.GetUtcNow() - Silence;

    /// <summary>How it looks to who chooses an agent for this forest.</summary>
    public AgentLoad LoadFor(string forest, bool tried, TimeSpan suspectAfter)
    {
        var outstanding = Outstanding;
        var since = Math.Max(Volatile.Read(ref _heard), Volatile.Read(ref _busySince));
        var well = _healthy && (!_reported || Volatile.Read(ref _reachable).Contains(forest));
        var standing = AgentChoice.Standing(_leaving, well, outstanding == 0 ? TimeSpan.Zero : _time.GetElapsedTime(since), suspectAfter);
        return new AgentLoad(outstanding, Credits, standing, tried);
    }

    public SealingSessionSender? Session(DateTimeOffset now) => Seal.Fresh(now);

    public Task<DispatchReply> SendAsync(Dispatch dispatch, CancellationToken cancel) => dispatch.SendAsync(this, _time, cancel);

    /// <summary>Announces a session of another instance before the first attempt under it; false if the stream cannot take it.</summary>
    public bool TryAnnounce(SealingSession session)
    {
        lock (_announced)
        {
            if (_announced.Contains(session.SessionId))
            {
                return true;
            }

            if (!TrySend(new FromGateway { SealingSession = session }))
            {
                return false;
            }

            if (_announced.Count == MaxAnnounced)
            {
                _announced.Dequeue();
            }

            _announced.Enqueue(session.SessionId);
            return true;
        }
    }

    /// <summary>Takes one credit; false if there is none left.</summary>
    public bool TryTake()
    {
        var taken = Interlocked.Increment(ref _outstanding);
        if (taken > Credits || _leaving)
        {
            Interlocked.Decrement(ref _outstanding);
            return false;
        }

        if (taken == 1)
        {
            Volatile.Write(ref _busySince, _time.GetTimestamp());
        }

        return true;
    }

    /// <summary>Gives a credit back that was taken and not used for sending.</summary>
    public void GiveBack()
    {
        Interlocked.Decrement(ref _outstanding);
        foreach (var pool in Pools)
        {
            pool.Wake(1);
        }
    }

    /// <summary>Queues a dispatch under a credit that was taken. False, and the credit given back, if the stream is closed or its
    /// queue is full.</summary>
    public bool TrySend(Dispatch dispatch)
    {
        _inFlight[dispatch.Id] = dispatch;
        if (!_closed && _queue.Writer.TryWrite(new Outgoing(dispatch.Message, dispatch)))
        {
            // Closed meanwhile: whoever takes it out of the dictionary, here or in Close, ends it.
            if (!_closed || !TryForget(dispatch))
            {
                return true;
            }
        }
        else
        {
            TryForget(dispatch);
        }

        return false;
    }

    /// <summary>Queues something else; false if the queue is full or closed.</summary>
    public bool TrySend(FromGateway message) => _queue.Writer.TryWrite(new Outgoing(message, null));

    /// <summary>Tells the agent its tenant's lockout policy if it is not what it was told last. One caller at a time.</summary>
    public void TellPolicy(LockoutNumbers policy)
    {
        if (!policy.Equals(_policy) && TrySend(new FromGateway { LockoutPolicy = policy }))
        {
            _policy = policy;
        }
    }

    /// <summary>Takes a dispatch out of the agent's hands; its credit is free again. False if it was not in them.</summary>
    public bool TryForget(Dispatch dispatch)
    {
        if (!_inFlight.TryRemove(new KeyValuePair<Guid, Dispatch>(dispatch.Id, dispatch)))
        {
            return false;
        }

        GiveBack();
        return true;
    }

    /// <summary>Finds what the agent replies to; false if it is nothing that it has.</summary>
    public bool TryFind(Guid id, uint number, [NotNullWhen(true)] out Dispatch? dispatch) =>
        _inFlight.TryGetValue(id, out dispatch) && dispatch.Number == number;

    public void Hear() => Volatile.Write(ref _heard, _time.GetTimestamp());

    public void Report(bool healthy, FrozenSet<string> reachableForests)
    {
        Volatile.Write(ref _reachable, reachableForests);
        (_healthy, _reported) = (healthy, true);
    }

    public void SetCredits(int credits)
    {
        var more = credits - Interlocked.Exchange(ref _credits, credits);
        foreach (var pool in Pools)
        {
            pool.Wake(Math.Max(0, more));
        }
    }

    public void Leave() => _leaving = true;

    /// <summary>What the agent never answered, though it is long past its deadline, is taken out of its hands.</summary>
    public int Sweep(TimeSpan grace)
    {
        var forgotten = 0;
        foreach (var dispatch in _inFlight.Values)
        {
            forgotten += _time.GetElapsedTime(dispatch.Deadline) > grace && TryForget(dispatch) ? 1 : 0;
        }

        return forgotten;
    }

    /// <summary>Ends the stream when the queue is written.</summary>
    public void Finish() => _queue.Writer.TryComplete();

    /// <summary>Cuts the connection now.</summary>
    public void Abort()
    {
        // First, or the stream might end in good order, and the agent take that for a farewell.
        _abort();
        Close();
    }

    /// <summary>Nothing more is sent, and nothing more will be answered: what is in flight is dispatched again.</summary>
    public void Close()
    {
        (_leaving, _closed) = (true, true);
        _queue.Writer.TryComplete();
        foreach (var dispatch in _inFlight.Values)
        {
            if (TryForget(dispatch))
            {
                dispatch.EndWithStream();
            }
        }
    }
}
