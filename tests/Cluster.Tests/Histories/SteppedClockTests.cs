namespace Passthrough.Cluster.Tests.Histories;

public sealed class SteppedClockTests
{
    private static readonly DateTimeOffset Began = new(2026, 1, 2, 3, 0, 0, TimeSpan.Zero);

    /// <summary>Right, an hour ahead for 20 s, right, an hour behind.</summary>
    private static readonly SteppedClock.Step[] Steps =
    [
        new(Began, TimeSpan.Zero), new(At(60), TimeSpan.FromHours(1)), new(At(80), TimeSpan.Zero), new(At(140), TimeSpan.FromHours(-1)),
    ];

    [Theory]
    [InlineData(30, 30)]
    [InlineData(3_670, 70)]
    [InlineData(100, 100)]
    [InlineData(-3_450, 150)]
    public void What_it_said_was_said_when_it_went_like_that(int said, int moment) => Assert.Equal(At(moment), SteppedClock.MomentOf(Steps, At(said), Began));

    [Fact]
    public void What_was_said_later_was_later() =>
        Assert.Equal(At(3_670), SteppedClock.MomentOf([.. Steps, new(At(200), TimeSpan.Zero)], At(3_670), At(210)));

    [Fact]
    public void What_it_cannot_have_said_is_an_error() => Assert.Throws<ArgumentException>(() => SteppedClock.MomentOf(Steps, At(-10_000), Began));

    private static DateTimeOffset At(int seconds) => Began.AddSeconds(seconds);
}
