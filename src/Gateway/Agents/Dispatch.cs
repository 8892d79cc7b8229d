using Passthrough.Decisions.Attempts;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>How a dispatch ended.</summary>
/// <param name="Answer">What the agent wrote if the end is <see cref="DispatchEnd.Answered"/>; not yet verified.</param>
internal readonly record struct DispatchReply(DispatchEnd End, Answer? Answer);

/// <summary>One sending of one attempt to one agent. It ends once: by the agent's reply, the end of the stream, or the
/// deadline.</summary>
internal sealed class Dispatch(Guid attemptId, ushort number, Attempt attempt, long deadline)
{
    private const int Queued = 0;
    private const int Written = 1;
    private const int Dropped = 2;

    private readonly TaskCompletionSource<DispatchReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stage;

    public Guid AttemptId => attemptId;

    /// <summary>The attempt number of the header.</summary>
    public ushort Number => number;

    public Attempt Attempt => attempt;

    /// <summary>A timestamp of the gateway's <see cref="TimeProvider"/>.</summary>
    public long Deadline => deadline;

    public Task<DispatchReply> Reply => _reply.Task;

    /// <summary>Nobody waits for a reply any more.</summary>
    public bool IsOver => _reply.Task.IsCompleted;

    /// <summary>From here on the agent may have sent a bind.</summary>
    public bool WasWritten => Volatile.Read(ref _stage) == Written;

    /// <summary>False if its stream ended first: then it must not be written.</summary>
    public bool TryMarkWritten() => Interlocked.CompareExchange(ref _stage, Written, Queued) == Queued;

    /// <summary>False if it had ended before.</summary>
    public bool TryEnd(DispatchEnd end, Answer? answer = null) => _reply.TrySetResult(new(end, answer));

    public void EndWithStream() =>
        TryEnd(Interlocked.CompareExchange(ref _stage, Dropped, Queued) == Written ? DispatchEnd.StreamBroken : DispatchEnd.NotWritten);
}
