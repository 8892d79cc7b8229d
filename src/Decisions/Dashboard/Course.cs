using System.Collections.Immutable;
using System.Globalization;

namespace Passthrough.Decisions.Dashboard;

/// <summary>What had a course in time: a value for each step of 5 s of the clock, so that those of several nodes can be laid over each other.</summary>
/// <param name="LastStep">Of the last value, see <see cref="StepOf"/>.</param>
/// <param name="Values">The oldest first; null: not known.</param>
public sealed record Course(long LastStep, ImmutableArray<double?> Values)
{
    /// <summary>Long enough for a rate to mean something, short enough to see an attack begin.</summary>
    public const int StepSeconds = 5;

    /// <summary>Fourteen minutes: as many as fit one value of a command's row (1,024 characters) with five digits each.</summary>
    public const int Steps = 168;

    /// <summary>What <see cref="Steps"/> are.</summary>
    public const int Minutes = Steps * StepSeconds / 60;

    private const string Unknown = "-";
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The number of the step that a moment belongs to.</summary>
    public static long StepOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>When the last step began.</summary>
    public DateTimeOffset LastAt => DateTimeOffset.FromUnixTimeSeconds(LastStep * StepSeconds);

    /// <summary>All of them as one of <see cref="Steps"/> values that ends with the latest.</summary>
    /// <param name="both">Of two values of the same step.</param>
    public static Course Merge(IReadOnlyCollection<Course> courses, Func<double, double, double> both)
    {
        var last = courses.Count == 0 ? 0 : courses.Max(course => course.LastStep);
        var merged = new double?[Steps];
        foreach (var course in courses)
        {
            for (var back = 0; back < course.Values.Length && last - course.LastStep < Steps - back; back++)
            {
                var at = Steps - 1 - back - (int)(last - course.LastStep);
                merged[at] = (merged[at], course.Values[^(back + 1)]) switch
                {
                    ({ } one, { } other) => both(one, other),
                    var (one, other) => one ?? other,
                };
            }
        }

        return new Course(last, [.. merged]);
    }

    /// <summary>Of counts: all of them.</summary>
    public int Sum => (int)(Values.Sum() ?? 0);

    /// <summary>Of counts: how many a second, in the steps that are over. The last one is not.</summary>
    public Course PerSecond() => new(LastStep - 1, [.. Values.SkipLast(1).Select(count => count / StepSeconds)]);

    /// <summary>How often all of these happened together.</summary>
    public static Course Add(IReadOnlyCollection<Course> counts) => Merge(counts, (one, other) => one + other);

    /// <summary>The newest of it.</summary>
    public Course Newest(int steps) => this with { Values = [.. Values.TakeLast(steps)] };

    /// <summary>Its values as a command's row has them.</summary>
    public string Write() => string.Join(' ', Values.Select(value => value?.ToString(value < 100 ? "0.#" : "0", CultureInfo.InvariantCulture) ?? Unknown));

    /// <summary>Reads what another node wrote; what is no number is not known.</summary>
    /// <param name="lastAt">See <see cref="LastAt"/>, UTC to the second.</param>
    public static Course Read(string lastAt, string values) => new(
        DateTimeOffset.TryParseExact(lastAt, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? Math.Max(0, StepOf(at)) : 0,
        [
            .. values.Split(' ', StringSplitOptions.RemoveEmptyEntries).TakeLast(Steps).Select(each =>
                double.TryParse(each, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                    ? number
                    : (double?)null),
        ]);
}
