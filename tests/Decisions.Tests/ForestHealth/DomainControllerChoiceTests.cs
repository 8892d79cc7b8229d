using CsCheck;
using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Decisions.Tests.ForestHealth;

public sealed class DomainControllerChoiceTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DomainControllerHealth Healthy = DomainControllerHealth.Answered();
    private static readonly DomainControllerHealth Failed = Healthy.Failed(Now);
    private static readonly DomainControllerHealth FailedTwice = Failed.Failed(Failed.ProbeAt);

    [Theory, InlineData(1, 1), InlineData(2, 2), InlineData(3, 4), InlineData(4, 8), InlineData(5, 15), InlineData(1000, 15)]
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

    /// <summary>Healthy (h), failed (f) or excluded (x); in capitals what an operator has taken out. Among equals all are drawn.</summary>
    [Theory]
    [InlineData("hh", "01"), InlineData("Hh", "1"), InlineData("hH", "0"), InlineData("HH", "01"), InlineData("Hf", "0"), InlineData("hhH", "01")]
    [InlineData("Hx", "0"), InlineData("FH", "1"), InlineData("Xh", "1"), InlineData("FF", "0"), InlineData("xX", ""), InlineData("HfHx", "02")]
    public void What_is_taken_out_gets_work_only_if_no_other_is_healthy(string controllers, string chosen)
    {
        var candidates = controllers.Select((c, i) => new Candidate(
            char.ToLowerInvariant(c) == 'f' ? Failed : Healthy, new Placement(), IsExcluded: char.ToLowerInvariant(c) == 'x', IsEjected: char.IsUpper(c))).ToArray();
        var seen = Enumerable.Range(0, 64).Select(i => DomainControllerChoice.Choose(candidates, (ulong)i << 58 | (ulong)i << 26))
            .Where(index => index >= 0).Distinct().Order();
        Assert.Equal(chosen, string.Concat(seen));
    }

    [Fact]
    public void Who_answered_for_the_account_gets_no_work_either_once_it_is_taken_out() => Assert.Equal(0, DomainControllerChoice.Choose(
        [new Candidate(Healthy, new Placement(), LatencyMicros: 5_000), new Candidate(Healthy, new Placement(), IsPreferred: true, IsEjected: true)], 0));

    [Fact]
    public void An_answer_forgives_all() => Assert.True(DomainControllerHealth.Answered().IsHealthy);

    [Theory, InlineData(999, false), InlineData(1000, true)]
    public void A_probe_is_due_when_the_wait_is_over(int afterMs, bool due) =>
        Assert.Equal(due, Failed.IsProbeDue(Now.AddMilliseconds(afterMs)));

    [Fact]
    public void A_healthy_controller_is_never_probed_as_a_failed_one() => Assert.False(Healthy.IsProbeDue(DateTimeOffset.MaxValue));

    [Fact]
    public void The_least_outstanding_of_two_gets_the_work() => AssertAlways(1, Of(outstanding: 3), Of(outstanding: 2));

    [Fact]
    public void The_faster_of_two_gets_the_work_until_it_has_as_much_more_of_it()
    {
        AssertAlways(1, Of(latencyMs: 80), Of(latencyMs: 20));
        AssertAlways(1, Of(latencyMs: 80), Of(latencyMs: 20, outstanding: 2));
        AssertAlways(0, Of(latencyMs: 80), Of(latencyMs: 20, outstanding: 4));
    }

    [Fact]
    public void A_slow_controller_is_not_dead() => AssertAlways(0, Of(latencyMs: 2_000), Of(Failed, latencyMs: 1));

    [Fact]
    public void Below_the_floor_all_are_equally_fast() =>
        Assert.Equal([0, 1], Chosen(Of(latencyMs: 0.1), Of(latencyMs: 9.9)).Distinct().Order());

    [Fact]
    public void A_busy_healthy_controller_is_better_than_an_idle_failed_one() =>
        AssertAlways(0, Of(Healthy, new Placement(5), 100), Of(Failed));

    [Fact]
    public void A_lower_priority_number_wins_over_less_work() =>
        AssertAlways(1, Of(Healthy, new Placement(10)), Of(Healthy, new Placement(0), 50));

    [Fact]
    public void The_own_site_wins_over_a_lower_priority_number() =>
        AssertAlways(1, Of(Healthy, new Placement(0)), Of(Healthy, new Placement(10, IsInSite: true), 50));

    [Fact]
    public void Another_site_serves_when_the_own_one_has_failed() =>
        AssertAlways(0, Of(Healthy, new Placement(0)), Of(Failed, new Placement(0, IsInSite: true)));

    [Theory, InlineData(2, 1), InlineData(4, 0)]
    public void The_PDC_is_spared_until_the_others_are_loaded(int outstanding, int chosen) =>
        AssertAlways(chosen, Of(Healthy, new Placement(IsPdc: true)), Of(outstanding: outstanding));

    [Fact]
    public void A_PDC_that_is_the_only_one_serves() => AssertAlways(0, Of(Healthy, new Placement(IsPdc: true)), Of(Failed));

    [Theory, InlineData(200.0, 0), InlineData(200.1, 1)]
    public void Who_has_just_answered_for_the_account_is_asked_again_unless_another_is_much_better(double latencyMs, int chosen) =>
        AssertAlways(chosen, Of(latencyMs: latencyMs) with { IsPreferred = true }, Of(latencyMs: 20));

    [Fact]
    public void Who_has_just_answered_is_asked_again_however_much_it_has_to_do() =>
        AssertAlways(0, Of(outstanding: 500) with { IsPreferred = true }, Of());

    [Fact]
    public void A_preferred_controller_of_another_site_is_not_asked_again() =>
        AssertAlways(1, Of() with { IsPreferred = true }, Of(Healthy, new Placement(IsInSite: true)));

    [Fact]
    public void When_all_have_failed_the_one_whose_probe_is_due_first_is_tried() =>
        AssertAlways(1, Of(FailedTwice), Of(Failed, new Placement(9), 9));

    [Fact]
    public void What_was_tried_is_not_tried_again() => AssertAlways(1, Of() with { IsExcluded = true }, Of(Failed));

    [Fact]
    public void Nothing_is_left_to_choose()
    {
        AssertAlways(-1, Of() with { IsExcluded = true });
        AssertAlways(-1);
    }

    [Fact]
    public void Weights_decide_how_often_one_is_drawn()
    {
        // The third never wins a comparison: the first two are drawn first in proportion to their weights.
        var chosen = Chosen(
            Of(Healthy, new Placement(Weight: 299)), Of(Healthy, new Placement(Weight: 99)), Of(Healthy, new Placement(Weight: 0), 50)).ToList();
        Assert.InRange((double)chosen.Count(index => index == 0) / chosen.Count(index => index == 1), 2.4, 3.6);
        Assert.DoesNotContain(2, chosen);
    }

    [Fact]
    public void No_better_standing_is_ever_left()
    {
        var candidate = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Bool, Gen.Bool, (failures, priority, outstanding, excluded, site) =>
            Of(failures switch { 0 => Healthy, 1 => Failed, _ => FailedTwice }, new Placement(priority, IsInSite: site), outstanding)
                with
            { IsExcluded = excluded });
        Gen.Select(candidate.Array[0, 6], Gen.ULong).Sample((all, random) =>
        {
            var chosen = DomainControllerChoice.Choose(all, random);
            var allowed = all.Where(each => !each.IsExcluded).ToList();
            Assert.Equal(allowed.Count == 0, chosen < 0);
            if (chosen >= 0)
            {
                Assert.False(all[chosen].IsExcluded);
                Assert.Equal(allowed.Min(Standing), Standing(all[chosen]));
            }
        });

        static (int, bool, int) Standing(Candidate each) => each.Health.IsHealthy
            ? (0, !each.Placement.IsInSite, each.Placement.Priority)
            : (each.Health.FailuresInARow, false, 0);
    }

    private static Candidate Of(
        DomainControllerHealth health = default, Placement? placement = null, int outstanding = 0, double latencyMs = 5) =>
        new(health, placement ?? new Placement(), outstanding, latencyMs * 1000);

    private static IEnumerable<int> Chosen(params Candidate[] candidates)
    {
        var random = new Random(1);
        return Enumerable.Range(0, 2_000).Select(_ => DomainControllerChoice.Choose(candidates, (ulong)random.NextInt64() << 1));
    }

    private static void AssertAlways(int index, params Candidate[] candidates) => Assert.All(Chosen(candidates), each => Assert.Equal(index, each));
}
