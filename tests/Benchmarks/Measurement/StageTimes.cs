namespace Passthrough.Benchmarks.Measurement;

/// <summary>How long one stage of a check took, over all checks of a phase. Microseconds.</summary>
internal sealed record StageTimes(string Stage, double Median, double P99)
{
    public static StageTimes Of(string stage, IEnumerable<uint> microseconds)
    {
        var sorted = microseconds.Order().ToArray();
        return sorted.Length == 0 ? new StageTimes(stage, 0, 0) : new StageTimes(stage, At(0.5), At(0.99));

        double At(double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
