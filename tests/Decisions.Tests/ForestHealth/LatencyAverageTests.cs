using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Decisions.Tests.ForestHealth;

public sealed class LatencyAverageTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_answer_is_the_average() => Assert.Equal(5_000, After(default, (5, 0)).Micros);

    [Fact]
    public void One_slow_answer_is_not_believed_and_a_few_are()
    {
        var fast = After(default, (5, 0));
        Assert.InRange(After(fast, (2_000, 0)).Micros, 100_000, 700_000);
        Assert.InRange(After(fast, (2_000, 0), (2_000, 0), (2_000, 0), (2_000, 0), (2_000, 0)).Micros, 1_500_000, 2_000_000);
    }

    [Fact]
    public void Many_fast_answers_of_one_moment_do_not_hide_that_it_was_slow()
    {
        var slow = After(default, (2_000, 0));
        Assert.InRange(After(slow, [.. Enumerable.Repeat((5d, 0.001), 100)]).Micros, 1_900_000, 2_000_000);
    }

    [Fact]
    public void Five_probes_after_it_was_slow_it_is_trusted_again()
    {
        var slow = After(default, (2_000, 0));
        Assert.InRange(After(slow, [.. Enumerable.Repeat((5d, 5d), 5)]).Micros, 5_000, 25_000);
    }

    [Fact]
    public void A_clock_that_was_set_back_breaks_nothing() => Assert.Equal(5_000, After(default, (5, 0), (4, -60)).Micros);

    private static LatencyAverage After(LatencyAverage average, params (double Milliseconds, double SecondsLater)[] answers)
    {
        var now = average.Micros == 0 ? Now : average.At;
        foreach (var (milliseconds, later) in answers)
        {
            now = now.AddSeconds(later);
            average = average.With(TimeSpan.FromMilliseconds(milliseconds), now);
        }

        return average;
    }
}
