using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Dashboard;
using Passthrough.Directories;

namespace Passthrough.Agent.Tests.Attempts;

public class AttemptHistoryTests
{
    private static readonly AgentOptions Options = new() { Forests = [new ForestOptions { Name = "corp.example" }, new ForestOptions { Name = "fabrikam.test" }] };

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 3, 0, 1, TimeSpan.Zero));

    [Fact]
    public void Attempts_are_counted_in_the_step_in_which_they_end()
    {
        var history = new AttemptHistory(Options, _clock);
        history.Count("corp.example", Verdict.Success);
        history.Count("CORP.example", Verdict.Success);
        history.Count("fabrikam.test", Verdict.BadPassword);
        history.Count("nowhere.example", Verdict.BadPassword);
        _clock.Advance(TimeSpan.FromSeconds(9));
        history.Count("corp.example", Verdict.Success);

        var read = history.Read().ToDictionary(each => (each.Forest, each.Verdict), each => each.Course);
        Assert.Equal(2, read.Count);
        Assert.Equal<double?>([2, 0, 1], read[("corp.example", Verdict.Success)].Values);
        Assert.Equal<double?>([1, 0, 0], read[("fabrikam.test", Verdict.BadPassword)].Values);
        Assert.Equal(_clock.GetUtcNow(), read[("corp.example", Verdict.Success)].LastAt);
    }

    [Fact]
    public void What_is_too_old_is_forgotten_and_its_place_used_again()
    {
        var history = new AttemptHistory(Options, _clock);
        for (var step = 0; step < (2 * Course.Steps) + 3; step++)
        {
            history.Count("corp.example", Verdict.Success);
            _clock.Advance(TimeSpan.FromSeconds(Course.StepSeconds));
        }

        var course = Assert.Single(history.Read()).Course;
        Assert.Equal<double?>([.. Enumerable.Repeat<double?>(1, Course.Steps - 1), 0], course.Values);
        _clock.Advance(TimeSpan.FromSeconds(Course.Steps * Course.StepSeconds));
        Assert.Empty(history.Read());
    }
}
