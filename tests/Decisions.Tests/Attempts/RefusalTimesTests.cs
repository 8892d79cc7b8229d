using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class RefusalTimesTests
{
    [Fact]
    public void Before_the_first_wrong_password_there_is_one_time() => Assert.Equal(RefusalTimes.First, RefusalTimes.None.Draw(7));

    [Fact]
    public void Each_of_the_latest_times_is_drawn_and_no_older_one()
    {
        var times = Enumerable.Range(0, 200).Aggregate(RefusalTimes.None, (all, ms) => all.With(TimeSpan.FromMilliseconds(ms)));
        var drawn = Enumerable.Range(0, 1_000).Select(random => times.Draw((uint)random).TotalMilliseconds).ToHashSet();
        Assert.Equal(Enumerable.Range(200 - RefusalTimes.Kept, RefusalTimes.Kept).Select(ms => (double)ms), drawn.Order());
    }

    [Fact]
    public void The_greatest_number_draws_one_too() =>
        Assert.Equal(TimeSpan.FromMilliseconds(5), RefusalTimes.None.With(TimeSpan.FromMilliseconds(5)).Draw(uint.MaxValue));
}
