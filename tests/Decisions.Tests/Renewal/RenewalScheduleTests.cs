using CsCheck;
using Passthrough.Decisions.Renewal;

namespace Passthrough.Decisions.Tests.Renewal;

public class RenewalScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0.0, 10.8)]
    [InlineData(0.5, 12.0)]
    [InlineData(0.75, 12.6)]
    public void A_day_is_renewed_at_its_half_give_or_take_a_tenth_of_that_half(double jitter, double hours) =>
        Assert.Equal(Noon.AddHours(hours), RenewalSchedule.RenewAt(Noon, Noon.AddDays(1), jitter), TimeSpan.FromMilliseconds(1));

    [Fact]
    public void Renewal_always_falls_within_the_life() =>
        Gen.Select(Gen.Double[1, 1e7], Gen.Double[0, 0.999_999]).Sample((seconds, jitter) =>
        {
            var end = Noon.AddSeconds(seconds);
            var at = RenewalSchedule.RenewAt(Noon, end, jitter);
            return at > Noon && at < end && at >= Noon + ((end - Noon) * 0.449) && at <= Noon + ((end - Noon) * 0.551);
        });

    [Theory]
    [InlineData(20, 1)]
    [InlineData(-5, 1)]
    [InlineData(60, 3)]
    [InlineData(12_000, 600)]
    [InlineData(43_200, 600)]
    public void A_failed_renewal_is_tried_again_more_often_the_less_time_is_left(int secondsLeft, int retrySeconds) =>
        Assert.Equal(TimeSpan.FromSeconds(retrySeconds), RenewalSchedule.RetryIn(Noon, Noon.AddSeconds(secondsLeft)));
}
