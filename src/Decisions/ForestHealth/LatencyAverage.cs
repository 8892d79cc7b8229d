namespace Passthrough.Decisions.ForestHealth;

/// <summary>How long a controller takes to answer: an average that forgets with time, and believes bad news sooner than good.</summary>
/// <param name="Micros">Microseconds; 0 before the first answer.</param>
/// <param name="At">Of the last answer.</param>
public readonly record struct LatencyAverage(double Micros, DateTimeOffset At)
{
    /// <summary>Below this, controllers are equally fast: no person notices it, and a network's whims would starve some.</summary>
    public const double FloorMicros = 10_000;

    /// <summary>After this long a good answer counts for two thirds of the average. A controller without work is probed every
    /// 5 s, so it is trusted again after about five probes however slow it was.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(5);

    /// <summary>What a slower answer than the average counts for: a few in a row are believed, one is not.</summary>
    private const double Alarm = 0.3;

    public LatencyAverage With(TimeSpan latency, DateTimeOffset now)
    {
        var micros = latency.TotalMicroseconds;
        if (Micros == 0)
        {
            return new(micros, now);
        }

        var elapsed = now > At ? now - At : TimeSpan.Zero;
        var share = 1 - Math.Exp(-elapsed / Memory);
        return new(Micros + ((micros - Micros) * (micros > Micros ? Math.Max(share, Alarm) : share)), now);
    }
}
