using System.Globalization;
using Passthrough.Benchmarks.Load;

namespace Passthrough.Benchmarks.Cluster;

/// <summary>What is left of the work when five times as many people come as can be served, and after it. The directory is what is short, as on
/// most sites: few connections, each bind with a wait. Were it the processors, those who send the load would take them away from those
/// who serve it.</summary>
internal sealed class OverloadRun(TimeSpan storm, double times)
{
    private const int Agents = 3, Connections = 4, Users = 5_000, InFlight = 64, Seed = 2026;

    /// <summary>An attempt's deadline at the gateway, in seconds.</summary>
    private const double Deadline = 10;

    private static readonly TimeSpan BindTime = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(15), Calm = TimeSpan.FromSeconds(5);

    /// <summary>The lines of the table.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(Action<string> progress, CancellationToken cancel)
    {
        await using var cluster = await ClusterUnderTest.StartAsync(Agents, Users, progress, cancel, Connections, BindTime);
        var clients = Enumerable.Range(0, InFlight).Select(_ => new ValidationClient(cluster.Service, new StageLog())).ToArray();
        for (var round = 0; round < 4; round++)
        {
            await LoadGenerator.RunAsync(clients, cluster.Users, 0, TimeSpan.FromSeconds(5), Seed, cancel);
        }

        var peak = await LoadGenerator.RunAsync(clients, cluster.Users, 0, Measured, Seed + 1, cancel);
        progress($"peak {peak.Rate:0} a second");
        var load = new PacedLoad(cluster.Service, Users);
        await RunForAsync(load, peak.Rate * times, storm, cancel);
        var (all, took) = (load.Done, load.Now);
        await Task.Delay(Calm, cancel);
        var after = await LoadGenerator.RunAsync(clients, cluster.Users, 0, Measured, Seed + 2, cancel);

        var right = all.Where(each => each.IsRight).ToList();
        var shed = all.Where(each => !each.IsRight).ToList();
        var good = right.Count(each => each.Took <= Deadline) / took;
        return
        [
            Line("peak, 64 in flight, checks a second", peak.Rate),
            Line("offered a second", all.Count / took),
            Line("answered right within the deadline, a second", good),
            Line("goodput of the peak, %", 100 * good / peak.Rate),
            Line("p50 / p99 / worst of those, ms", Quantiles(right)),
            Line("shed, %", 100.0 * shed.Count / all.Count),
            Line("p50 / p99 / worst of those shed, ms", Quantiles(shed)),
            Line("as", string.Join(", ", shed.CountBy(each => each.Said).Select(pair => $"{pair.Value} {pair.Key}"))),
            Line("5 s after the storm, 64 in flight, checks a second", after.Rate),
            Line("wrong answers then", after.Errors.Values.Sum()),
        ];
    }

    private static async Task RunForAsync(PacedLoad load, double rate, TimeSpan time, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stop.CancelAfter(time);
        await load.RunAsync(rate, stop.Token);
    }

    private static string Quantiles(List<Paced> some)
    {
        var sorted = some.Select(each => each.Took * 1000).Order().ToArray();
        return sorted.Length == 0 ? "none" : string.Create(
            CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2]:0} / {sorted[(int)(sorted.Length * 0.99)]:0} / {sorted[^1]:0}");
    }

    private static string Line<T>(string what, T figure) => string.Create(CultureInfo.InvariantCulture, $"| {what} | {figure:0.#} |");
}
