using System.Collections.Concurrent;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>How an attempt ended here, with what those who may know are told.</summary>
internal sealed record AttemptOutcome(AttemptEnding Ending, AnswerDetail Detail);

/// <summary>Remembers attempts by their id while a gateway may still ask for them: the same one that comes again (a stream broke
/// before its answer arrived) gets the same answer, and is not checked a second time.</summary>
internal sealed class AttemptMemory(int capacity)
{
    private readonly ConcurrentDictionary<AttemptId, Lazy<Task<AttemptOutcome>>> _attempts = new();
    private readonly ConcurrentQueue<(AttemptId Id, Lazy<Task<AttemptOutcome>> Run, DateTimeOffset Until)> _order = new();

    public int Count => _attempts.Count;

    /// <summary>Runs the attempt, or joins or repeats the run that was there before. What was handed back is not remembered:
    /// nothing was done about it.</summary>
    /// <param name="until">When no gateway asks for it any more, by the clock of <paramref name="now"/>.</param>
    public async Task<AttemptOutcome> RunOnceAsync(
        AttemptId id, DateTimeOffset until, DateTimeOffset now, Func<Task<AttemptOutcome>> run)
    {
        Forget(now);
        var mine = new Lazy<Task<AttemptOutcome>>(run);
        while (true)
        {
            var kept = _attempts.GetOrAdd(id, mine);
            if (ReferenceEquals(kept, mine))
            {
                _order.Enqueue((id, mine, until));
            }

            var outcome = await kept.Value;
            if (outcome.Ending is AttemptEnding.Answered)
            {
                return outcome;
            }

            _attempts.TryRemove(KeyValuePair.Create(id, kept));
            if (ReferenceEquals(kept, mine))
            {
                return outcome;
            }
        }
    }

    private void Forget(DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && (oldest.Until <= now || _attempts.Count >= capacity) && _order.TryDequeue(out oldest))
        {
            _attempts.TryRemove(KeyValuePair.Create(oldest.Id, oldest.Run));
        }
    }
}
