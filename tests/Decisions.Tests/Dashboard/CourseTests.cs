using CsCheck;
using Passthrough.Decisions.Dashboard;

namespace Passthrough.Decisions.Tests.Dashboard;

public class CourseTests
{
    [Fact]
    public void Those_of_several_nodes_are_laid_over_each_other_by_their_time()
    {
        var merged = Course.Merge([new Course(100, [1, 2, 3]), new Course(101, [10, null, 30]), new Course(40, [7])], (one, other) => one + other);
        Assert.Equal((101, Course.Steps), (merged.LastStep, merged.Values.Length));
        Assert.Equal([1, 12, 3, 30], merged.Values.TakeLast(4));
        Assert.Equal(7, merged.Values[^62]);
        Assert.Equal(5, merged.Values.Count(value => value is not null));
    }

    [Fact]
    public void Counts_have_a_sum_and_a_rate_for_the_steps_that_are_over()
    {
        var counts = new Course(100, [5, null, 10, 3]);
        Assert.Equal(18, counts.Sum);
        Assert.Equal((99, 3), (counts.PerSecond().LastStep, counts.PerSecond().Values.Length));
        Assert.Equal<double?>([1, null, 2], counts.PerSecond().Values);
        Assert.Equal<double?>([10, 13], Course.Add([counts, new Course(100, [10])]).Newest(2).Values);
    }

    [Fact]
    public void What_is_too_old_is_left_out()
    {
        var merged = Course.Merge([new Course(1_000, [1]), new Course(1_000 - Course.Steps, [9]), new Course(1_001 - Course.Steps, [8])], Math.Max);
        Assert.Equal((8, 1), (merged.Values[0], merged.Values[^1]));
        Assert.Equal(2, merged.Values.Count(value => value is not null));
    }

    [Fact]
    public void None_is_a_course_of_nothing() => Assert.All(Course.Merge([], Math.Max).Values, value => Assert.Null(value));

    [Theory]
    [InlineData("1970-01-01T00:08:24Z", "1 2.5 -", 100, 2)]
    [InlineData("yesterday", "1 NaN -5 1e9 Infinity  3", 0, 2)]
    [InlineData("1066-10-14T09:00:00Z", "", 0, 0)]
    public void What_a_node_wrote_is_read_and_what_is_no_number_is_not_known(string last, string values, long step, int known)
    {
        var read = Course.Read(last, values);
        Assert.Equal((step, known), (read.LastStep, read.Values.Count(value => value is not null)));
    }

    [Fact]
    public void What_is_written_is_read_again() => Gen.Select(Gen.Long[0, 1L << 35], Gen.Int[-1, 999].Array[0, Course.Steps]).Sample((last, values) =>
    {
        var course = new Course(last, [.. values.Select(value => value < 0 ? (double?)null : value / 10.0)]);
        var read = Read(course);
        Assert.Equal(course.LastStep, read.LastStep);
        Assert.Equal<double?>(course.Values, read.Values);
    });

    [Fact]
    public void Five_digits_in_every_step_fit_one_value_of_a_row() =>
        Assert.InRange(new Course(1, [.. Enumerable.Repeat<double?>(99_999, Course.Steps)]).Write().Length, 1, 1_024);

    [Fact]
    public void Whatever_nodes_say_they_can_be_laid_over_each_other() =>
        Gen.Select(Gen.Long[0, 1L << 35], Gen.Int[0, 9].Array[0, 400]).Array[0, 4].Sample(all =>
        {
            var courses = all.Select(each => Read(new Course(each.Item1, [.. each.Item2.Select(value => (double?)value)]))).ToList();
            Assert.Equal(Course.Steps, Course.Merge(courses, (one, other) => one + other).Values.Length);
        });

    [Fact]
    public void A_step_is_five_seconds_of_the_clock()
    {
        var at = new DateTimeOffset(2026, 11, 23, 3, 0, 9, 900, TimeSpan.Zero);
        Assert.Equal(Course.StepOf(at.AddSeconds(-4.9)), Course.StepOf(at));
        Assert.Equal(Course.StepOf(at) + 1, Course.StepOf(at.AddSeconds(0.1)));
        Assert.Equal(at.AddSeconds(-4.9), new Course(Course.StepOf(at), []).LastAt);
    }

    private static Course Read(Course course) => Course.Read(course.LastAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null), course.Write());
}
