using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Decisions.Tests.ForestHealth;

public sealed class NodeViewTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(14.9, true), InlineData(15, false)]
    public void A_view_ends_with_its_time(double secondsLater, bool isThere)
    {
        var views = NodeViews<int>.None.With(View("a1"), 1, Start);

        Assert.Equal(isThere, views.Fresh(Start.AddSeconds(secondsLater)).Any());
        Assert.Equal(isThere, views.Reader(null, 0, Start.AddSeconds(secondsLater)) is not null);
    }

    [Fact]
    public void A_node_that_starts_anew_takes_its_own_place()
    {
        var views = NodeViews<int>.None.With(View("a1"), 1, Start).With(View("a2"), 2, Start).With(View("a1"), 3, Start.AddSeconds(5));

        Assert.Equal([("a1", 3), ("a2", 2)], views.All.Select(each => (each.View.Agent, each.Node)));
    }

    [Fact]
    public void However_many_tell_the_last_are_kept()
    {
        var views = NodeViews<int>.None;
        for (var i = 0; i < 100; i++)
        {
            views = views.With(View($"a{i:00}"), i, Start.AddMilliseconds(i));
        }

        Assert.Equal(Enumerable.Range(100 - NodeView.MaxNodes, NodeView.MaxNodes), views.All.Select(each => each.Node));
    }

    [Theory]
    [InlineData(null, "a1 a2")]
    [InlineData("a1", "a2")]
    [InlineData("a2", "a1")]
    [InlineData("a3", "a1 a2")]
    public void Names_are_read_by_one_who_reaches_the_forest_and_has_not_just_failed(string? failed, string asked)
    {
        var views = NodeViews<int>.None.With(View("a1"), 1, Start).With(View("a2"), 2, Start).With(View("a3", reaches: false), 3, Start);

        var readers = Enumerable.Range(0, 20).Select(draw => views.Reader(failed, (uint)draw, Start)!.View.Agent).Distinct().Order();
        Assert.Equal(asked, string.Join(' ', readers));
    }

    [Fact]
    public void The_only_one_who_reaches_it_is_asked_again() =>
        Assert.Equal("a1", NodeViews<int>.None.With(View("a1"), 1, Start).Reader("a1", 7, Start)!.View.Agent);

    [Fact]
    public void Readings_that_fail_are_further_and_further_apart_and_one_that_succeeds_begins_anew()
    {
        var (reading, now, pauses) = (new NamesReading(Start), Start, new List<double>());
        for (var i = 0; i < 10; i++)
        {
            Assert.True(reading.IsDue(now));
            reading = reading.Asked(now).Failed(now);
            Assert.False(reading.IsDue(now));
            pauses.Add((reading.DueAt - now).TotalSeconds);
            now = reading.DueAt;
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 900, 900], pauses);
        Assert.Equal(new NamesReading(now + NamesReading.Interval), NamesReading.Done(now));
    }

    [Fact]
    public void One_node_is_asked_at_a_time_and_given_up_when_it_does_not_answer()
    {
        var asked = new NamesReading(Start).Asked(Start);

        Assert.False(asked.Now(Start).IsDue(Start.AddHours(1)));
        Assert.False(asked.IsLost(Start + NamesReading.Patience - TimeSpan.FromTicks(1)));
        Assert.True(asked.IsLost(Start + NamesReading.Patience));
        Assert.False(new NamesReading(Start).IsLost(Start.AddDays(1)));
        Assert.True(new NamesReading(Start.AddHours(1)).Now(Start).IsDue(Start));
    }

    private static NodeView View(string agent, bool reaches = true) => new(agent, agent, reaches, 0, 0, []);
}
