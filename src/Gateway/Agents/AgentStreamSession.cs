using Grpc.Core;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Hosting;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;
using Reason = Passthrough.Wire.V1.NotAttempted.Types.Reason;

namespace Passthrough.Gateway.Agents;

/// <summary>Runs one agent stream after its greeting: one reader, one writer, and a clock that heartbeats and watches.</summary>
internal sealed class AgentStreamSession(
    AgentConnection connection, KeptLocks locks, LearnedNames names, DateTimeOffset certificateEnds, AgentsOptions options, TimeProvider time, ILogger log)
{
    private const int MaxReason = 500;

    /// <summary>A session is opened so long before the last one ends.</summary>
    private static readonly TimeSpan SessionMargin = TimeSpan.FromSeconds(10);

    /// <summary>Credits of answers that never came are given back so long after the deadline.</summary>
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(30);

    /// <summary>Sealing keys that are offered faster than that are not taken: each costs some CPU.</summary>
    private static readonly TimeSpan LeastBetweenKeys = TimeSpan.FromSeconds(1);

    /// <summary>The clock's step: a fifth of a heartbeat, at most this.</summary>
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Flushed = new();

    private readonly AgentHeartbeats _heartbeats = new(connection, log);
    private readonly AgentSuffixes _suffixes = new(connection, names, log);
    private long _lastKey = time.GetTimestamp();

    /// <summary>Ends when the agent closes the stream, when it is finished or cut from this side, or when it is broken.</summary>
    /// <exception cref="RpcException">The agent broke the protocol; what is said is meant for its log.</exception>
    public async Task RunAsync(
        IAsyncStreamReader<FromAgent> requests, IServerStreamWriter<FromGateway> responses, CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Task[] parts = [ReadAsync(requests, ended.Token), WriteAsync(responses, ended.Token), TickAsync(ended.Token)];
        try
        {
            await await Task.WhenAny(parts);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            log.StreamBroken(connection.Agent.Id, e.Message);
        }
        finally
        {
            connection.Close();
            await ended.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<FromAgent> requests, CancellationToken cancel)
    {
        while (await requests.MoveNext(cancel))
        {
            connection.Hear();
            Take(requests.Current);
        }
    }

    private void Take(FromAgent message)
    {
        switch (message.BodyCase)
        {
            case FromAgent.BodyOneofCase.Answer:
                End(message.Answer.AttemptId.Span, message.Answer.AttemptNumber, DispatchEnd.Answered, message.Answer);
                break;
            case FromAgent.BodyOneofCase.NotAttempted:
                NotAttempted(message.NotAttempted);
                break;
            case FromAgent.BodyOneofCase.Heartbeat:
                _heartbeats.Take(message.Heartbeat);
                break;
            case FromAgent.BodyOneofCase.Credit:
                connection.SetCredits((int)Math.Min(message.Credit.Credits, AgentGreeting.MaxCredits));
                break;
            case FromAgent.BodyOneofCase.SealingKey:
                TakeKey(message.SealingKey);
                break;
            case FromAgent.BodyOneofCase.Draining:
                connection.Leave();
                log.AgentDrains(connection.Agent.Id, AgentGreeting.Printable(message.Draining.Reason, MaxReason));
                break;
            case FromAgent.BodyOneofCase.LockEnded:
                locks.End(connection.Agent, message.LockEnded);
                break;
            case FromAgent.BodyOneofCase.ForestSuffixes:
                _suffixes.Take(message.ForestSuffixes);
                break;
            case FromAgent.BodyOneofCase.NameFound:
                End(message.NameFound.SearchId.Span, 0, DispatchEnd.Answered, found: message.NameFound);
                break;
            case FromAgent.BodyOneofCase.Hello:
                throw new RpcException(new Status(StatusCode.InvalidArgument, "Hello may only be the first message of a stream"));
            default:
                // A newer agent may say what this gateway does not know.
                break;
        }
    }

    private void NotAttempted(NotAttempted message)
    {
        var end = message.Reason switch
        {
            Reason.Draining => DispatchEnd.Draining,
            Reason.Expired => DispatchEnd.Expired,
            Reason.ForestUnreachable => DispatchEnd.ForestUnreachable,
            Reason.CannotUnseal => DispatchEnd.CannotUnseal,
            Reason.ForestNotMine => DispatchEnd.ForestNotMine,
            _ => DispatchEnd.Busy,
        };
        if (end == DispatchEnd.CannotUnseal)
        {
            log.CannotUnseal(connection.Agent.Id);
            connection.Seal.Distrust(time.GetUtcNow());
        }
        else if (end == DispatchEnd.ForestNotMine)
        {
            log.ForestNotServed(connection.Agent.Id);
        }

        End(message.AttemptId.Span, message.AttemptNumber, end);
    }

    private void End(ReadOnlySpan<byte> id, uint number, DispatchEnd end, Answer? answer = null, NameFound? found = null)
    {
        // Late, repeated or invented: whoever asked has had an outcome.
        if (id.Length != 16 || !connection.TryFind(new Guid(id, bigEndian: true), number, out var dispatch)
            || !connection.TryForget(dispatch) || !dispatch.TryEnd(end, answer, found))
        {
            AgentMeters.LateAnswers.Add(1);
        }
    }

    private void TakeKey(SealingKey offer)
    {
        if (time.GetElapsedTime(_lastKey) < LeastBetweenKeys)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "sealing keys are offered too fast"));
        }

        _lastKey = time.GetTimestamp();
        var fault = connection.Seal.Accept(offer, time.GetUtcNow());
        if (fault != OfferFault.None)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"the sealing key was refused: {fault}"));
        }
    }

    private async Task WriteAsync(IServerStreamWriter<FromGateway> responses, CancellationToken cancel)
    {
        var queue = connection.Queue;
        while (await queue.WaitToReadAsync(cancel))
        {
            while (queue.TryRead(out var next))
            {
                if (next.Dispatch is { } dispatch && !TryPrepare(dispatch))
                {
                    continue;
                }

                // Written out together with what already waits behind it.
                responses.WriteOptions = queue.TryPeek(out _) ? Buffered : Flushed;
                await responses.WriteAsync(next.Message, cancel);
            }
        }
    }

    /// <summary>False if nobody waits for it any more: it is not written.</summary>
    private bool TryPrepare(Dispatch dispatch)
    {
        var left = time.GetElapsedTime(time.GetTimestamp(), dispatch.Deadline);
        if (dispatch.IsOver || left <= TimeSpan.Zero || !dispatch.TryMarkWritten((uint)Math.Ceiling(left.TotalMilliseconds)))
        {
            connection.TryForget(dispatch);
            dispatch.TryEnd(DispatchEnd.NotWritten);
            return false;
        }

        return true;
    }

    private async Task TickAsync(CancellationToken cancel)
    {
        var lastBeat = time.GetTimestamp();
        var tick = options.HeartbeatInterval / 5;
        using var timer = new PeriodicTimer(tick < LongestTick ? tick : LongestTick, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            if (connection.Silence > options.HeartbeatInterval * 2)
            {
                log.AgentSilent(connection.Agent.Id, connection.Silence.TotalMilliseconds);
                connection.Abort();
            }
            else if (time.GetUtcNow() > certificateEnds)
            {
                log.CertificateOver(connection.Agent.Id);
                connection.Abort();
            }

            var beat = time.GetElapsedTime(lastBeat) >= options.HeartbeatInterval;
            lastBeat = beat ? time.GetTimestamp() : lastBeat;
            Maintain(beat);
        }
    }

    private void Maintain(bool heartbeat)
    {
        if (heartbeat)
        {
            connection.TrySend(new FromGateway { Heartbeat = new GatewayHeartbeat { InFlight = (uint)Math.Max(0, connection.Outstanding) } });
            if (connection.Sweep(AnswerGrace) is > 0 and var forgotten)
            {
                log.AnswersMissing(connection.Agent.Id, forgotten);
            }
        }

        _suffixes.Bring();
        if (!connection.IsLeaving)
        {
            connection.Seal.Prepare(time.GetUtcNow(), SessionMargin);
        }
        else if (connection.Outstanding == 0)
        {
            connection.Finish();
        }
    }
}
