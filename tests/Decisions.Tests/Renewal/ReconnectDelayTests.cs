using CsCheck;
using Passthrough.Decisions.Renewal;

namespace Passthrough.Decisions.Tests.Renewal;

public class ReconnectDelayTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(4, 16)]
    [InlineData(5, 30)]
    [InlineData(1_000_000, 30)]
    public void The_ceiling_doubles_up_to_half_a_minute(int failures, int seconds) =>
        Assert.Equal(seconds, ReconnectDelay.After(failures, 0.999_999_999).TotalSeconds, 3);

    [Fact]
    public void No_wait_is_shorter_or_longer_than_the_bounds() =>
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Double[0, 0.999_999]).Sample((failures, draw) =>
        {
            var delay = ReconnectDelay.After(failures, draw);
            return delay >= ReconnectDelay.Shortest && delay <= ReconnectDelay.Longest;
        });

    [Fact]
    public void The_whole_range_is_used() =>
        Assert.Equal(ReconnectDelay.Shortest, ReconnectDelay.After(9, 0));
}
