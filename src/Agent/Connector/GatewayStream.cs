using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Enrolment;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>One welcomed stream to one gateway, from its first message to its end. One reader, one writer, one pulse.</summary>
internal sealed class GatewayStream
{
    private readonly StreamShared _shared;
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<FromAgent, FromGateway> _call;
    private readonly CancellationTokenSource _life;
    private readonly Outbox _outbox;
    private readonly TaskCompletionSource _gatewayDrains = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _heartbeat;
    private int _credits;
    private readonly SuffixTeller _suffixes = new();
    private SealingKey _offered;
    private DateTimeOffset _offeredAt;
    private long _heardAt;
    private int _inFlight;
    private long _clockAhead = long.MinValue;
    private string? _abortReason;

    public GatewayStream(
        StreamShared shared, Uri gateway, StoredIdentity identity, GrpcChannel channel,
        AsyncDuplexStreamingCall<FromAgent, FromGateway> call, CancellationTokenSource life, Welcome welcome, SealingKey offered, int credits)
    {
        _credits = credits;
        (_shared, Gateway, Identity, _channel, _call, _life, _offered) = (shared, gateway, identity, channel, call, life, offered);
        _offeredAt = shared.Steady.Now;
        _heardAt = shared.Clock.GetTimestamp();
        shared.Policy.Accept(welcome.LockoutPolicy, gateway);
        _heartbeat = StreamLimits.Heartbeat(welcome.HeartbeatMs);

        // Every attempt that may be waiting or worked on has an answer; the rest is for refusals and heartbeats.
        _outbox = new Outbox(call.RequestStream, (2 * credits) + 256);
        Completion = Task.Run(RunAsync);
    }

    public Uri Gateway { get; }

    public StoredIdentity Identity { get; }

    /// <summary>Ends when the stream has ended and all that it held is released; its result says why, in one line.</summary>
    public Task<StreamEnd> Completion { get; }

    /// <summary>Completes when the gateway says that it will send no more work.</summary>
    public Task GatewayDrains => _gatewayDrains.Task;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>How far this machine's clock was before the gateway's when it opened its last sealing session, with the time that the
    /// message was under way; null: it has opened none.</summary>
    public TimeSpan? ClockAhead => Volatile.Read(ref _clockAhead) is > long.MinValue and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Tells the gateway that the locks of an account are over.</summary>
    public void TellLockEnded(LockEnded ended) => Post(new FromAgent { LockEnded = ended });

    /// <summary>Tells the gateway to send no more, goes on serving what it has sent, and waits until it closes the stream.</summary>
    public async Task DrainAsync(string reason, TimeSpan patience)
    {
        _outbox.TryPost(new FromAgent { Draining = new Draining { Reason = reason } });
        try
        {
            await Completion.WaitAsync(patience, _shared.Clock);
        }
        catch (TimeoutException)
        {
            Abort($"{InFlight} attempts were still in flight after {patience.TotalSeconds:0.#} s of draining");
            await Completion;
        }
    }

    private void Abort(string reason)
    {
        Interlocked.CompareExchange(ref _abortReason, reason, null);
        _life.Cancel();
    }

    private async Task<StreamEnd> RunAsync()
    {
        var parts = new[] { ReadAsync(), WriteAsync(), PulseAsync() };
        var end = StreamEnd.Closed;
        try
        {
            await await Task.WhenAny(parts);
        }
        catch (RpcException e)
        {
            end = new StreamEnd(GatewayFaults.ExplainStream(e, Gateway).ToString());
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException or ChannelClosedException)
        {
            end = new StreamEnd(e.Message);
        }

        _outbox.Close();
        await _life.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _shared.Keyring.Forget(_offered);
        _call.Dispose();
        _channel.Dispose();
        return _abortReason is { } reason ? new StreamEnd(reason) : end;
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _call.ResponseStream.ReadAllAsync(_life.Token))
        {
            Volatile.Write(ref _heardAt, _shared.Clock.GetTimestamp());
            switch (message.BodyCase)
            {
                case FromGateway.BodyOneofCase.Attempt:
                    Take(message.Attempt);
                    break;
                case FromGateway.BodyOneofCase.FindName:
                    Find(message.FindName);
                    break;
                case FromGateway.BodyOneofCase.SealingSession:
                    Accept(message.SealingSession);
                    break;
                case FromGateway.BodyOneofCase.Draining:
                    _gatewayDrains.TrySetResult();
                    break;
                case FromGateway.BodyOneofCase.LockoutPolicy:
                    _shared.Policy.Accept(message.LockoutPolicy, Gateway);
                    break;
                case FromGateway.BodyOneofCase.Heartbeat:
                default:
                    // What a newer gateway may say beyond this protocol is not for this agent.
                    break;
            }
        }
    }

    private Task WriteAsync() => _outbox.RunAsync(_life.Token);

    private async Task PulseAsync()
    {
        using var timer = new PeriodicTimer(_heartbeat, _shared.Clock);
        do
        {
            var silence = _shared.Clock.GetElapsedTime(Volatile.Read(ref _heardAt));
            if (silence >= 2 * _heartbeat)
            {
                Abort($"nothing was heard for {silence.TotalSeconds:0.#} s");
                return;
            }

            var beat = _shared.Health();
            beat.InFlight = (uint)InFlight;
            Post(new FromAgent { Heartbeat = beat });
            if (_shared.Credits() is var credits && credits != _credits)
            {
                _credits = credits;
                Post(new FromAgent { Credit = new Credit { Credits = (uint)credits } });
            }

            foreach (var part in _suffixes.News(_shared.Suffixes()))
            {
                // With the heartbeat: a gateway hears of a change soon, and never too often.
                Post(part);
            }

            RotateKey();
        }
        while (await timer.WaitForNextTickAsync(_life.Token));
    }

    private void Take(Attempt attempt)
    {
        Interlocked.Increment(ref _inFlight);
        if (!_shared.Intake.TryTake(new IncomingAttempt(attempt, _shared.Clock.GetTimestamp(), Reply)))
        {
            Reply(Refusals.Of(attempt, HandBackReason.Busy));
        }
    }

    private void Find(FindName asked)
    {
        // As many as attempts may wait and be worked on: a gateway that keeps to its credits never asks for more.
        if (Interlocked.Increment(ref _inFlight) > 2 * Volatile.Read(ref _credits))
        {
            Reply(new FromAgent { NameFound = NameFinder.NoVerdict(asked) });
        }
        else
        {
            _ = FindAsync(asked);
        }
    }

    private async Task FindAsync(FindName asked) => Reply(new FromAgent { NameFound = await _shared.Finder.FindAsync(asked) });

    private void Reply(FromAgent? message)
    {
        Interlocked.Decrement(ref _inFlight);
        if (message is not null)
        {
            Post(message);
        }
    }

    /// <summary>An answer for a stream that has ended is dropped: the gateway has given the attempt to another by then.</summary>
    private void Post(FromAgent message)
    {
        if (!_outbox.TryPost(message) && !_life.IsCancellationRequested)
        {
            Abort("the gateway does not read its answers");
        }
    }

    private void Accept(SealingSession session)
    {
        var fault = _shared.Keyring.Accept(session, _shared.Steady.Now);
        if (fault != SessionFault.None)
        {
            _shared.Log.SessionRefused(Gateway, fault);
            return;
        }

        Volatile.Write(ref _clockAhead, (_shared.Clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(session.OpenedAtUnixMs)).Ticks);
    }

    private void RotateKey()
    {
        var now = _shared.Steady.Now;
        _shared.Keyring.Sweep(now);
        if (now - _offeredAt >= SealingLimits.KeyLifetime)
        {
            // The old key stays in the keyring for its grace, for sessions that are on their way, and goes by itself.
            (_offered, _offeredAt) = (_shared.Keyring.Offer(Identity.SigningKey, now), now);
            Post(new FromAgent { SealingKey = _offered });
        }
    }
}
