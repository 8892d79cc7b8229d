using System.Globalization;

namespace Passthrough.Decisions.Monitoring;

/// <summary>What agents and gateways have in common: whether they run, their certificates, their clocks.</summary>
public static class ProgramHealth
{
    /// <summary>A clock that is further off is told of. Nothing of a sign-in depends on it (deadlines are lengths of time), but
    /// certificates do, and what two machines write into their logs.</summary>
    public static readonly TimeSpan MostClockDifference = TimeSpan.FromSeconds(30);

    /// <summary>A certificate is renewed at half of its life, give or take a tenth of that; with less than this share left, renewals have
    /// been failing for long.</summary>
    public const double LeastLifeLeft = 0.3;

    /// <summary>Between start and stop.</summary>
    public static Finding Life(bool isStarted, bool isStopping) =>
        isStopping ? new(HealthState.Unhealthy, "stopping: what is in flight is finished, nothing new is taken")
        : isStarted ? Finding.Well("running")
        : new(HealthState.Unhealthy, "starting: it takes no work yet");

    /// <param name="warning">For one that people replace: how long before its end they are told. Null: it is renewed by itself.</param>
    public static Finding Certificate(
        string name, DateTimeOffset begins, DateTimeOffset ends, DateTimeOffset now, TimeSpan? warning = null)
    {
        var left = ends - now;
        var least = warning ?? (ends - begins) * LeastLifeLeft;
        return left <= TimeSpan.Zero ? new(HealthState.Unhealthy, $"{name} ended at {Time(ends)}")
            : begins > now ? new(HealthState.Degraded, $"{name} begins at {Time(begins)} only: is this machine's clock right?")
            : left < least ? new(HealthState.Degraded, $"{name} ends at {Time(ends)}, in {Length(left)}{(warning is null ? ", and was not renewed" : ": replace it")}")
            : Finding.Well($"{name} ends at {Time(ends)}, in {Length(left)}");
    }

    /// <summary>How far this machine's clock is before another's, from one question: the least that explains the answer, so that a slow
    /// answer is taken for no difference.</summary>
    /// <param name="asked">When, by this machine's clock.</param>
    /// <param name="told">The other's time.</param>
    /// <param name="answered">When the answer was here, by this machine's clock.</param>
    public static TimeSpan Ahead(DateTimeOffset asked, DateTimeOffset told, DateTimeOffset answered) =>
        asked > told ? asked - told
        : answered < told ? answered - told
        : TimeSpan.Zero;

    /// <param name="others">Whose clocks are known, each with how far this machine's is before theirs.</param>
    public static Finding Clock(IReadOnlyCollection<(string Of, TimeSpan Ahead)> others)
    {
        var faults = others.Where(other => other.Ahead.Duration() > MostClockDifference)
            .Select(other => $"{Length(other.Ahead.Duration())} {(other.Ahead > TimeSpan.Zero ? "ahead of" : "behind")} {other.Of}").ToList();
        return faults.Count > 0 ? new(HealthState.Degraded, $"this machine's clock is {string.Join(", ", faults)}: set one of them")
            : others.Count == 0 ? Finding.Well("nobody has told the time")
            : Finding.Well($"agrees with {string.Join(", ", others.Select(other => other.Of))} to {MostClockDifference.TotalSeconds:0} s");
    }

    /// <summary>In the largest unit of which there are two.</summary>
    public static string Length(TimeSpan time) =>
        time >= TimeSpan.FromDays(2) ? Text(time.TotalDays, "d")
        : time >= TimeSpan.FromHours(2) ? Text(time.TotalHours, "h")
        : time >= TimeSpan.FromMinutes(2) ? Text(time.TotalMinutes, "min")
        : Text(time.TotalSeconds, "s");

    private static string Text(double count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(count)} {unit}");

    private static string Time(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
