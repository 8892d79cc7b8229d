using Passthrough.Agent.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

public class PermitAnswerTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_permit_lasts_as_long_as_it_lasts_whatever_the_clock_is_set_to(int hours)
    {
        var clock = new SetClock();
        var granted = new PermitAnswer.Granted(7, clock.GetTimestamp(), TimeSpan.FromSeconds(5));

        clock.Set += TimeSpan.FromHours(hours);
        clock.Passed += TimeSpan.FromSeconds(3);
        Assert.Equal(TimeSpan.FromSeconds(2), granted.Left(clock));

        clock.Passed += TimeSpan.FromSeconds(3);
        Assert.Equal(TimeSpan.FromSeconds(-1), granted.Left(clock));
    }

    /// <summary>One that is set while it runs.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Set { get; set; }

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Passed + Set;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
