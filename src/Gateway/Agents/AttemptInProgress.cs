using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>How one sending of an attempt ended, once its answer is verified.</summary>
/// <param name="Verdict">If it was answered.</param>
/// <param name="AgentId">Who answered.</param>
internal readonly record struct SendResult(
    DispatchEnd End, bool Written, Verdict? Verdict = null, string? AgentId = null, string? AgentName = null, AnswerDetail? Detail = null)
{
    /// <summary>What the agent told of a lock; null if nothing.</summary>
    public LockNotice? Lock => Detail?.Lock is not { } told ? null : new LockNotice(
        TimeSpan.FromMilliseconds(told.FamiliarMs), TimeSpan.FromMilliseconds(told.UnfamiliarMs), [.. told.FamiliarSources]);

    /// <summary>The account that the name led to; null if it led to none or the agent did not tell.</summary>
    public AccountKey? Account(string forest) =>
        Detail?.Account is { Length: 16 } guid ? AccountKey.TryCreate(forest, new Guid(guid.Span)) : null;
}

/// <summary>One request on its way to its outcome. Used by one flow of control.</summary>
internal sealed class AttemptInProgress(
    TypedName name, TypedPassword password, ClientSource source, TimeSpan timeout, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private int _written;

    public AttemptId Id { get; } = new(Guid.CreateVersion7(time.GetUtcNow()));

    public TypedName Name => name;

    public TypedPassword Password => password;

    public ClientSource Source => source;

    /// <summary>Sendings so far: the attempt number of the last.</summary>
    public ushort Number { get; private set; }

    public int BrokenStreams { get; private set; }

    public SendResult Last { get; private set; }

    /// <summary>The verdict if nobody else takes it; null if nobody had it yet.</summary>
    public Verdict? Otherwise { get; private set; }

    /// <summary>Agents that had it and are not to be asked again; null: none.</summary>
    public List<string>? Tried { get; private set; }

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public TimeSpan Left => timeout - Elapsed;

    /// <summary>As a timestamp.</summary>
    public long Begun => _started;

    /// <summary>As a timestamp of the gateway's <see cref="TimeProvider"/>.</summary>
    public long Deadline => _started + (long)(timeout.TotalSeconds * time.TimestampFrequency);

    public ushort NextNumber() => ++Number;

    public void Record(SendResult result)
    {
        _written += result.Written ? 1 : 0;
        BrokenStreams += result.End == DispatchEnd.StreamBroken ? 1 : 0;
        Last = result;
        AgentMeters.Sent(result.End);
    }

    public void TryElsewhere(string agentId, HandOverDecision decision)
    {
        AgentMeters.SentAgain(Last.End);
        Otherwise = decision.Otherwise;
        if (!decision.SameAgentToo)
        {
            (Tried ??= []).Add(agentId);
        }
    }

    public ValidationOutcome Outcome(Verdict verdict) =>
        new(
        Id, verdict, Last.AgentId, Last.AgentName, Last.Detail, _written, Elapsed,
        Last.Lock?.LeftFor(source, TimeSpan.Zero) ?? TimeSpan.Zero);
}
