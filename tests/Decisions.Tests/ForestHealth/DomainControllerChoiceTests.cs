using CsCheck;
using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Decisions.Tests.ForestHealth;

public sealed class DomainControllerChoiceTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DomainControllerHealth Healthy = DomainControllerHealth.Answered();
    private static readonly DomainControllerHealth Failed = Healthy.Failed(Now);
    private static readonly DomainControllerHealth FailedTwice = Failed.Failed(Failed.ProbeAt);

    [Theory, InlineData(1, 1), InlineData(2, 2), InlineData(3, 4), InlineData(5, 16), InlineData(6, 30), InlineData(1000, 30)]
    public void The_wait_before_a_probe_doubles_up_to_its_limit(int failures, int seconds)
    {
        var (health, now) = (Healthy, Now);
        for (var failure = 0; failure < failures; failure++)
        {
            now = health.IsHealthy ? now : health.ProbeAt;
            health = health.Failed(now);
        }

        Assert.Equal(failures, health.FailuresInARow);
        Assert.Equal(now.AddSeconds(seconds), health.ProbeAt);
    }

    [Fact]
    public void A_hundred_failures_of_one_moment_are_one_incident()
    {
        var health = Healthy;
        for (var failure = 0; failure < 100; failure++)
        {
            health = health.Failed(Now.AddMilliseconds(failure));
        }

        Assert.Equal(Failed, health);
    }

    [Fact]
    public void An_answer_forgives_all() => Assert.True(DomainControllerHealth.Answered().IsHealthy);

    [Theory, InlineData(999, false), InlineData(1000, true)]
    public void A_probe_is_due_when_the_wait_is_over(int afterMs, bool due) =>
        Assert.Equal(due, Failed.IsProbeDue(Now.AddMilliseconds(afterMs)));

    [Fact]
    public void A_healthy_controller_is_never_probed_as_a_failed_one() => Assert.False(Healthy.IsProbeDue(DateTimeOffset.MaxValue));

    [Fact]
    public void The_least_outstanding_gets_the_work() =>
        Assert.Equal(1, DomainControllerChoice.Choose([new(Healthy, 0, 3), new(Healthy, 0, 2), new(Healthy, 0, 9)], 0));

    [Fact]
    public void A_busy_healthy_controller_is_better_than_an_idle_failed_one() =>
        Assert.Equal(0, DomainControllerChoice.Choose([new(Healthy, 5, 100), new(Failed, 0, 0)], 1));

    [Fact]
    public void A_lower_priority_number_wins_over_less_work() =>
        Assert.Equal(1, DomainControllerChoice.Choose([new(Healthy, 10, 0), new(Healthy, 0, 50)], 0));

    [Fact]
    public void When_all_have_failed_the_one_whose_probe_is_due_first_is_tried() =>
        Assert.Equal(1, DomainControllerChoice.Choose([new(FailedTwice, 0, 0), new(Failed, 9, 9)], 0));

    [Fact]
    public void What_was_tried_is_not_tried_again() =>
        Assert.Equal(1, DomainControllerChoice.Choose([new(Healthy, IsExcluded: true), new(Failed)], 0));

    [Fact]
    public void Nothing_is_left_to_choose()
    {
        Assert.Equal(-1, DomainControllerChoice.Choose([new(Healthy, IsExcluded: true)], 0));
        Assert.Equal(-1, DomainControllerChoice.Choose([], 0));
    }

    [Theory, InlineData(0, 0), InlineData(1, 1), InlineData(2, 2), InlineData(3, 0), InlineData(int.MaxValue, 1)]
    public void Equals_take_turns(int tieBreak, int chosen) =>
        Assert.Equal(chosen, DomainControllerChoice.Choose([new(Healthy), new(Healthy), new(Healthy)], tieBreak));

    [Fact]
    public void No_better_candidate_is_ever_left()
    {
        var candidate = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Bool, (failures, priority, outstanding, excluded) =>
        {
            var health = failures switch { 0 => Healthy, 1 => Failed, _ => FailedTwice };
            return new Candidate(health, priority, outstanding, excluded);
        });
        Gen.Select(candidate.Array[0, 6], Gen.Int[0, int.MaxValue]).Sample((all, tieBreak) =>
        {
            var chosen = DomainControllerChoice.Choose(all, tieBreak);
            var allowed = all.Where(each => !each.IsExcluded)
                .Select(each => (each.Health.FailuresInARow, each.Priority, each.Outstanding)).ToList();
            Assert.Equal(allowed.Count == 0, chosen < 0);
            if (chosen >= 0)
            {
                Assert.False(all[chosen].IsExcluded);
                Assert.Equal(allowed.Min(), (all[chosen].Health.FailuresInARow, all[chosen].Priority, all[chosen].Outstanding));
            }
        });
    }
}
