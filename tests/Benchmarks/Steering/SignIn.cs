namespace Passthrough.Benchmarks.Steering;

/// <summary>One sign-in with a right password.</summary>
/// <param name="Due">When it should have begun, in seconds of the run's clock.</param>
/// <param name="Took">Seconds from then to its answer.</param>
/// <param name="Fault">Why it failed; null: it did not.</param>
/// <param name="Asked">The controllers that got a bind for it.</param>
internal readonly record struct SignIn(double Due, double Took, string? Fault, IReadOnlyList<string> Asked)
{
    public bool IsRight => Fault is null;
}

/// <summary>What one client did through one fault.</summary>
/// <param name="From">When the fault began; <paramref name="Until"/> when it was over. Seconds of the run's clock.</param>
internal sealed record SteeringFigures(IReadOnlyList<SignIn> All, string Sick, double From, double Until, double End)
{
    /// <summary>Sign-ins of this long are taken together; p99 of so few is their slowest.</summary>
    private const double Window = 3, Step = 0.5;

    private const double Level = 8;

    private List<SignIn> During => Of(From, Until);

    private double LevelBefore => Quantile(Of(From - Level, From), 0.99);

    public string Refused => $"{During.Count(each => !each.IsRight)} of {During.Count}"
        + string.Concat(During.Where(each => !each.IsRight).CountBy(each => each.Fault ?? "").Select(pair => $"; {pair.Value} {pair.Key}"));

    public string Latencies =>
        $"{Quantile(During, 0.5) * 1000:N0} / {Quantile(During, 0.99) * 1000:N0} / {Quantile(During, 1) * 1000:N0} (p99 before: {LevelBefore * 1000:N0})";

    /// <summary>From the fault to the first window in which all succeed and p99 is at most twice what it was, or 250 ms on a
    /// busy machine.</summary>
    public string BackAfter
    {
        get
        {
            var limit = Math.Max(2 * LevelBefore, 0.25);
            for (var at = From; at + Window <= Until; at += Step)
            {
                var window = Of(at, at + Window);
                if (window.Count > 0 && window.TrueForAll(each => each.IsRight) && Quantile(window, 0.99) <= limit)
                {
                    return $"{at - From:0.0} s";
                }
            }

            return $"not in {Until - From:0} s";
        }
    }

    /// <summary>In the 8 s before the fault, and during it.</summary>
    public string ToSick => $"{ToSickOf(Of(From - Level, From))}; {ToSickOf(During)}";

    public string UsedAgain
    {
        get
        {
            var first = All.Where(each => each.Due > Until && each.IsRight && each.Asked.Contains(Sick)).Select(each => each.Due).DefaultIfEmpty(-1).Min();
            return first < 0 ? $"not in {End - Until:0} s" : $"{first - Until:0.0} s";
        }
    }

    private string ToSickOf(List<SignIn> some)
    {
        var binds = some.SelectMany(each => each.Asked).ToList();
        return $"{binds.Count(each => each == Sick)} of {binds.Count}";
    }

    private List<SignIn> Of(double from, double until) => [.. All.Where(each => each.Due >= from && each.Due < until)];

    private static double Quantile(List<SignIn> all, double share)
    {
        var sorted = all.Select(each => each.Took).Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
