using System.Diagnostics;

namespace Passthrough.Benchmarks.Load;

/// <summary>What a load saw. Percentiles are exact: every latency of the run is kept (runs are at most a minute).</summary>
internal sealed class LoadResult
{
    private readonly long[] _sortedTicks;

    private LoadResult(long[] sortedTicks, TimeSpan elapsed, IReadOnlyDictionary<string, long> errors) =>
        (_sortedTicks, Elapsed, Errors) = (sortedTicks, elapsed, errors);

    /// <summary>From the first check's start to the last check's answer.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Checks that were answered as they should be.</summary>
    public long Answered => _sortedTicks.Length;

    /// <summary>Right answers a second.</summary>
    public double Rate => Answered / Elapsed.TotalSeconds;

    /// <summary>Checks that were not answered as they should be, by kind ("Right password answered Overloaded").</summary>
    public IReadOnlyDictionary<string, long> Errors { get; }

    /// <summary>The latency that this share of the right answers did not exceed (nearest rank).</summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan Percentile(double share) => _sortedTicks.Length == 0
        ? TimeSpan.Zero
        : Stopwatch.GetElapsedTime(0, _sortedTicks[Math.Clamp((int)Math.Ceiling(share * _sortedTicks.Length) - 1, 0, _sortedTicks.Length - 1)]);

    public static LoadResult Merge(IReadOnlyCollection<Part> parts, TimeSpan elapsed)
    {
        var ticks = parts.SelectMany(part => part.Ticks).ToArray();
        Array.Sort(ticks);
        var errors = parts.SelectMany(part => part.Errors)
            .GroupBy(error => error.Key, error => error.Value)
            .OrderBy(kind => kind.Key, StringComparer.Ordinal)
            .ToDictionary(kind => kind.Key, kind => kind.Sum());
        return new LoadResult(ticks, elapsed, errors);
    }

    /// <summary>What one client saw.</summary>
    internal sealed class Part
    {
        public List<long> Ticks { get; } = new(capacity: 4096);

        public Dictionary<string, long> Errors { get; } = [];

        public void Add(long ticks, CheckAnswer answer, CheckOutcome expected)
        {
            if (answer.Outcome == expected)
            {
                Ticks.Add(ticks);
            }
            else
            {
                var kind = $"{expected} password answered {answer.Said}";
                Errors[kind] = Errors.GetValueOrDefault(kind) + 1;
            }
        }
    }
}
