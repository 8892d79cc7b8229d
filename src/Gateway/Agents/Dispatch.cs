using Passthrough.Decisions.Attempts;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>How a dispatch ended.</summary>
/// <param name="Answer">What the agent wrote to an attempt if the end is <see cref="DispatchEnd.Answered"/>; not yet verified.</param>
/// <param name="Found">What it said of a name.</param>
internal readonly record struct DispatchReply(DispatchEnd End, Answer? Answer = null, NameFound? Found = null);

/// <summary>One sending of one attempt, or of one question for a name, to one agent. It ends once: by the agent's reply, the end of
/// the stream, or the deadline.</summary>
/// <param name="number">The attempt number of the header; 0: a question for a name.</param>
/// <param name="message">With an attempt or a question for a name.</param>
internal sealed class Dispatch(Guid id, ushort number, FromGateway message, long deadline)
{
    private const int Queued = 0;
    private const int Written = 1;
    private const int Dropped = 2;

    private readonly TaskCompletionSource<DispatchReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stage;

    /// <summary>Of the attempt or the search.</summary>
    public Guid Id => id;

    public ushort Number => number;

    public FromGateway Message => message;

    /// <summary>A timestamp of the gateway's <see cref="TimeProvider"/>.</summary>
    public long Deadline => deadline;

    /// <summary>Nobody waits for a reply any more.</summary>
    public bool IsOver => _reply.Task.IsCompleted;

    /// <summary>From here on the agent may have sent a bind.</summary>
    public bool WasWritten => Volatile.Read(ref _stage) == Written;

    /// <summary>Sends it under a credit that was taken, and waits for its end.</summary>
    /// <exception cref="OperationCanceledException">Who asks does not want to know any more.</exception>
    public async Task<DispatchReply> SendAsync(AgentConnection receiver, TimeProvider time, CancellationToken cancel)
    {
        if (!receiver.TrySend(this))
        {
            return new(DispatchEnd.NotWritten);
        }

        // A reply that comes after the deadline finds the dispatch ended; until then the agent keeps its credit.
        var left = time.GetElapsedTime(time.GetTimestamp(), deadline);
        using var late = time.CreateTimer(
            static late => ((Dispatch)late!).TryEnd(DispatchEnd.OutOfTime), this, left > TimeSpan.Zero ? left : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
        await using var gone = cancel.UnsafeRegister(static late => ((Dispatch)late!).TryEnd(DispatchEnd.OutOfTime), this);
        var reply = await _reply.Task;
        if (reply.End != DispatchEnd.Answered)
        {
            cancel.ThrowIfCancellationRequested();
        }

        return reply.End == DispatchEnd.OutOfTime && !WasWritten ? new(DispatchEnd.NotWritten) : reply;
    }

    /// <summary>False if its stream ended first: then it must not be written.</summary>
    /// <param name="remainingMs">Until the deadline, told to the agent.</param>
    public bool TryMarkWritten(uint remainingMs)
    {
        if (message.Attempt is { } attempt)
        {
            attempt.RemainingMs = remainingMs;
        }
        else
        {
            message.FindName.RemainingMs = remainingMs;
        }

        return Interlocked.CompareExchange(ref _stage, Written, Queued) == Queued;
    }

    /// <summary>False if it had ended before.</summary>
    public bool TryEnd(DispatchEnd end, Answer? answer = null, NameFound? found = null) => _reply.TrySetResult(new(end, answer, found));

    public void EndWithStream() =>
        TryEnd(Interlocked.CompareExchange(ref _stage, Dropped, Queued) == Written ? DispatchEnd.StreamBroken : DispatchEnd.NotWritten);
}
