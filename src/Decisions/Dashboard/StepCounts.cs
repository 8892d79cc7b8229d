namespace Passthrough.Decisions.Dashboard;

/// <summary>How often something happened in each of the last <see cref="Course.Steps"/> steps of the clock. What comes when the clock was
/// set back counts for the step that it says. To count allocates nothing. May be used by many threads.</summary>
/// <param name="began">The first step that is counted, see <see cref="Course.StepOf"/>: of those before it nothing is known.</param>
public sealed class StepCounts(long began)
{
    private readonly (long Step, int Count)[] _ring = new (long, int)[Course.Steps];
    private readonly Lock _gate = new();

    /// <summary>Once more, in this step.</summary>
    public void Count(long step)
    {
        lock (_gate)
        {
            ref var slot = ref _ring[step % Course.Steps];
            slot = (step, slot.Step == step ? slot.Count + 1 : 1);
        }
    }

    /// <summary>All that are remembered; the last is this step, which is not over.</summary>
    public Course UpTo(long step)
    {
        var first = Math.Max(began, step - Course.Steps + 1);
        lock (_gate)
        {
            return new Course(step, [.. Enumerable.Range(0, (int)Math.Max(0, step - first + 1)).Select(i => (double?)CountOf(first + i))]);
        }
    }

    private int CountOf(long step) => _ring[step % Course.Steps] is var slot && slot.Step == step ? slot.Count : 0;
}
