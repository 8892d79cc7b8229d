using CsCheck;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Dashboard;

namespace Passthrough.Decisions.Tests.Dashboard;

public class GuessingAlarmTests
{
    private const long Last = 350_000_000;

    [Theory]
    [InlineData(19, 0, false), InlineData(20, 0, true), InlineData(10, 10, true)]
    [InlineData(0, 20, true), InlineData(9, 10, false)]
    public void Twenty_in_ten_seconds_are_an_attack(int inTheLast, int before, bool isOne) =>
        Assert.Equal(isOne, GuessingAlarm.Find(Of([.. Quiet(178), before, inTheLast])) is { IsNow: true });

    /// <summary>A forest in which many mistype: five in each step are usual.</summary>
    [Theory, InlineData(39, 0, false), InlineData(40, 0, true), InlineData(35, 5, true)]
    public void Four_times_the_usual_are_an_attack(int inTheLast, int before, bool isOne) =>
        Assert.Equal(isOne, GuessingAlarm.Find(Of([.. Enumerable.Repeat(5.0, 178), before, inTheLast])) is not null);

    [Fact]
    public void It_says_since_when_and_how_many()
    {
        var now = GuessingAlarm.Find(Of([.. Quiet(170), .. Enumerable.Repeat(30.0, 10)]))!;
        Assert.Equal((true, 300, 0.0), (now.IsNow, now.Guesses, now.UsualPerSecond));
        Assert.Equal(TimeSpan.FromSeconds(9 * 5), now.Until - now.Since);
        Assert.Equal(Last, Course.StepOf(now.Until));
    }

    [Fact]
    public void One_that_has_ended_is_told_as_long_as_it_is_remembered()
    {
        var over = GuessingAlarm.Find(Of([.. Quiet(1), .. Enumerable.Repeat(30.0, 3), .. Quiet(176)]))!;
        Assert.Equal((false, 90), (over.IsNow, over.Guesses));
        Assert.Equal(Last - 176, Course.StepOf(over.Until));
        Assert.Null(GuessingAlarm.Find(Of(Quiet(180))));
    }

    [Fact]
    public void An_attack_does_not_become_usual_while_it_lasts() =>
        Assert.NotNull(GuessingAlarm.Find(Of([.. Quiet(46), .. Enumerable.Repeat(30.0, 134)])));

    [Fact]
    public void Whatever_is_counted_it_has_an_answer() => Gen.Int[0, 1_000].Array[0, 180].Sample(counts =>
    {
        if (GuessingAlarm.Find(Of([.. counts.Select(count => (double)count)])) is { } found)
        {
            Assert.InRange(found.Guesses, GuessingAlarm.Least, counts.Sum());
            Assert.True(found.Since <= found.Until && Course.StepOf(found.Until) <= Last);
        }
        else
        {
            Assert.False(counts.Length > 1 && counts.Order().ElementAt(counts.Length / 4) == 0 && counts[^1] >= GuessingAlarm.Least);
        }
    });

    [Fact]
    public void What_is_not_known_is_no_guess() => Assert.Null(GuessingAlarm.Find(new Course(Last, [.. Enumerable.Repeat<double?>(null, 180)])));

    [Theory]
    [InlineData(Verdict.BadPassword, true), InlineData(Verdict.UserNotFoundInForest, true), InlineData(Verdict.SmartLocked, true)]
    [InlineData(Verdict.Success, false), InlineData(Verdict.BadPasswordRepeated, false), InlineData(Verdict.DirectoryTimeout, false)]
    public void A_guess_is_what_tries_a_password_or_a_name(Verdict verdict, bool isGuess) => Assert.Equal(isGuess, GuessingAlarm.IsGuess(verdict));

    private static IEnumerable<double> Quiet(int steps) => Enumerable.Repeat(0.0, steps);

    private static Course Of(IEnumerable<double> counts) => new(Last, [.. counts.Select(count => (double?)count)]);
}
