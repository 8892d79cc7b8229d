using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Dashboard;

/// <summary>That somebody guesses passwords, or names.</summary>
/// <param name="IsNow">The newest steps belong to it.</param>
/// <param name="Guesses">From its beginning to its end.</param>
/// <param name="Since">The step in which it began.</param>
/// <param name="Until">The last step that belongs to it.</param>
/// <param name="UsualPerSecond">What the forest has else.</param>
public sealed record Guessing(bool IsNow, int Guesses, DateTimeOffset Since, DateTimeOffset Until, double UsualPerSecond);

/// <summary>When the failures of a forest are more than people's mistakes.</summary>
public static class GuessingAlarm
{
    /// <summary>Fewer in ten seconds are people who mistype, in a forest of any size that has been seen.</summary>
    public const int Least = 20;

    /// <summary>As many times the usual number are no coincidence.</summary>
    public const int Times = 4;

    /// <summary>Whether an attempt that ended so may have been a guess: the password or the name was wrong, or it was not even tried because
    /// of the guesses before. A device that repeats an old password guesses nothing.</summary>
    public static bool IsGuess(Verdict verdict) =>
        verdict is Verdict.BadPassword or Verdict.UserNotFoundInForest or Verdict.AccountLockedInAd or Verdict.SmartLocked or Verdict.SourceBlocked;

    /// <summary>The latest of those that are remembered; null: none.</summary>
    /// <param name="guesses">In each step. The last may not be over, so two are always looked at together.</param>
    public static Guessing? Find(Course guesses)
    {
        var counts = guesses.Values.Select(value => value ?? 0).ToArray();
        var usual = Usual(counts);
        var end = counts.Length - 1;
        while (end >= 0 && !IsMany(counts, end, usual))
        {
            end--;
        }

        if (end < 0)
        {
            return null;
        }

        var begin = end;
        while (begin > 0 && IsMany(counts, begin - 1, usual))
        {
            begin--;
        }

        // The two steps that tell it first reach one back.
        begin = begin > 0 && counts[begin - 1] > 0 ? begin - 1 : begin;
        return new Guessing(
            end >= counts.Length - 2, (int)counts[begin..(end + 1)].Sum(), At(guesses, begin), At(guesses, end), usual / Course.StepSeconds);
    }

    private static bool IsMany(double[] counts, int at, double usual)
    {
        var two = counts[at] + (at > 0 ? counts[at - 1] : 0);
        return counts[at] > 0 && two >= Least && two >= Times * 2 * usual;
    }

    /// <summary>Of a step: a quarter of them have no more. The attack itself does not make it usual before it has lasted for three quarters of them.</summary>
    private static double Usual(double[] counts) => counts.Length == 0 ? 0 : counts.Order().ElementAt(counts.Length / 4);

    private static DateTimeOffset At(Course course, int at) => course.LastAt.AddSeconds(-Course.StepSeconds * (course.Values.Length - 1 - at));
}
