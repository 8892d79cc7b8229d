using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Dashboard;

namespace Passthrough.Agent.Attempts;

/// <summary>How many attempts this node has answered in each step of the last minutes, by forest and verdict. To count one is a look-up and an
/// increment.</summary>
internal sealed class AttemptHistory
{
    private static readonly Verdict[] Verdicts = Enum.GetValues<Verdict>();

    private readonly Dictionary<string, StepCounts[]> _forests;
    private readonly TimeProvider _clock;

    public AttemptHistory(AgentOptions options, TimeProvider clock)
    {
        _clock = clock;
        var began = Course.StepOf(clock.GetUtcNow());
        _forests = options.Forests.ToDictionary(
            forest => forest.Name, _ => Enumerable.Range(0, (int)Verdicts.Max() + 1).Select(_ => new StepCounts(began)).ToArray(),
            StringComparer.OrdinalIgnoreCase);
    }

    /// <param name="forest">One that is not of this agent is not counted.</param>
    public void Count(string forest, Verdict verdict)
    {
        if (_forests.TryGetValue(forest, out var counts))
        {
            counts[(int)verdict].Count(Course.StepOf(_clock.GetUtcNow()));
        }
    }

    /// <summary>Of each forest every verdict that was given. The last step is the one that is not over yet.</summary>
    public IEnumerable<(string Forest, Verdict Verdict, Course Course)> Read()
    {
        var now = Course.StepOf(_clock.GetUtcNow());
        return
            from forest in _forests
            from verdict in Verdicts
            let course = forest.Value[(int)verdict].UpTo(now)
            where course.Values.Any(count => count > 0)
            select (forest.Key, verdict, course);
    }
}
