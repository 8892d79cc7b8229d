using CsCheck;
using Passthrough.Decisions.Dashboard;

namespace Passthrough.Decisions.Tests.Dashboard;

/// <summary>How often something happened, step by step.</summary>
public class StepCountsTests
{
    [Theory]
    [InlineData("", 9, "0 0 0")]
    [InlineData("9", 9, "0 0 1")]
    [InlineData("9", 10, "0 0 1 0")]
    [InlineData("7 8 8 9", 10, "1 2 1 0")]
    [InlineData("7", 7, "1")]
    [InlineData("7", 6, "")]
    [InlineData("7 9 8 8", 9, "1 2 1")]
    [InlineData("7 9", 8, "1 0")]
    public void It_knows_nothing_of_the_time_before_it(string counted, long now, string course)
    {
        var counts = new StepCounts(7);
        foreach (var step in counted.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            counts.Count(long.Parse(step, null));
        }

        Assert.Equal(now, counts.UpTo(now).LastStep);
        Assert.Equal(course, counts.UpTo(now).Write());
    }

    /// <summary>The same as counting a list of all that ever happened.</summary>
    [Fact]
    public void It_is_a_list_that_forgets() => Gen.Int[0, Course.Steps / 2].List[0, 60].Sample(pauses =>
    {
        var counts = new StepCounts(began: 3);
        var all = new List<long>();
        var now = 3L;
        foreach (var pause in pauses)
        {
            all.Add(now += pause);
            counts.Count(now);
            var first = Math.Max(3, now - Course.Steps + 1);
            Assert.Equal(
                Enumerable.Range(0, (int)(now - first) + 1).Select(i => (double?)all.Count(each => each == first + i)), counts.UpTo(now).Values);
        }

        Assert.All(counts.UpTo(now + Course.Steps).Values, value => Assert.Equal(0, value));
    });

    [Fact]
    public async Task Of_many_at_once_none_is_lost()
    {
        var counts = new StepCounts(1);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counts.Count(1);
            }
        })));
        Assert.Equal(40_000, Assert.Single(counts.UpTo(1).Values));
    }
}
