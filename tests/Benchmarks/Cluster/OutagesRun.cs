using System.Globalization;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Cluster;

/// <summary>What people notice when one of three agents is killed, frozen, told to leave, or all are restarted one after the other.</summary>
/// <param name="rate">Sign-ins a second.</param>
/// <param name="runs">Of each kind.</param>
internal sealed class OutagesRun(double rate, int runs)
{
    private const int Agents = 3, People = 8_000, Victims = 6, Users = 99_000, Sick = 1;

    /// <summary>As the others decide who is out, with a margin.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(8), After = TimeSpan.FromSeconds(4);

    /// <summary>Above what a permit takes that no dead node delays: the worker waits 250 ms for a silent account.</summary>
    private const double Waited = 0.25;

    private int _victims = People;

    /// <summary>The lines of the table.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(Action<string> progress, CancellationToken cancel)
    {
        await using var cluster = await ClusterUnderTest.StartAsync(Agents, Users, progress, cancel);
        var warm = new PacedLoad(cluster.Service, People);
        await RunForAsync(warm, TimeSpan.FromSeconds(20), cancel);
        List<string> lines = [];
        foreach (var (what, fault) in new (string, Func<ClusterUnderTest, PacedLoad, CancellationToken, Task<double>>)[]
        {
            ("kill -9", KillAsync), ("SIGSTOP", FreezeAsync), ("SIGTERM", LeaveAsync), ("rolling restart", RollAsync),
        })
        {
            List<Outage> seen = [];
            for (var run = 1; run <= runs; run++)
            {
                seen.Add(await OneAsync(cluster, fault, cancel));
                progress($"{what} {run}/{runs}: {seen[^1]}");
            }

            lines.Add(Outage.Line(what, seen));
        }

        return lines;
    }

    private async Task<Outage> OneAsync(
        ClusterUnderTest cluster, Func<ClusterUnderTest, PacedLoad, CancellationToken, Task<double>> fault, CancellationToken cancel)
    {
        var load = new PacedLoad(cluster.Service, People);
        var guesser = new Guesser(cluster.Service, [.. Enumerable.Range(_victims, Victims)]);
        _victims += Victims;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var people = load.RunAsync(rate, stop.Token);
        var guesses = guesser.RunAsync(stop.Token);
        await Task.Delay(Before, cancel);
        var from = load.Now;
        var until = await fault(cluster, load, cancel);
        await Task.Delay(After, cancel);
        await stop.CancelAsync();
        await Task.WhenAll(people, guesses);
        return Outage.Of(load.Done, from, until, Waited, guesser.MostBinds);
    }

    /// <returns>When the time ends that counts: before the agent is started again.</returns>
    private static async Task<double> KillAsync(ClusterUnderTest cluster, PacedLoad load, CancellationToken cancel)
    {
        await SignalAsync(cluster.Agents[Sick], "KILL", cancel);
        return await BackAsync(cluster, load, cancel);
    }

    /// <summary>Woken when the others have given it up, it ends by itself; what it does then counts too.</summary>
    private static async Task<double> FreezeAsync(ClusterUnderTest cluster, PacedLoad load, CancellationToken cancel)
    {
        await SignalAsync(cluster.Agents[Sick], "STOP", cancel);
        await Task.Delay(Gap, cancel);
        await SignalAsync(cluster.Agents[Sick], "CONT", cancel);
        await cluster.Agents[Sick].WaitForExitAsync(cancel);
        cluster.Restart(Sick);
        await cluster.WaitForMembersAsync(Sick, Agents, cancel);
        return load.Now;
    }

    private static async Task<double> LeaveAsync(ClusterUnderTest cluster, PacedLoad load, CancellationToken cancel)
    {
        await SignalAsync(cluster.Agents[Sick], "TERM", cancel);
        await cluster.Agents[Sick].WaitForExitAsync(cancel);
        await Task.Delay(After, cancel);
        var until = load.Now;
        cluster.Restart(Sick);
        await cluster.WaitForMembersAsync(Sick, Agents, cancel);
        return until;
    }

    private static async Task<double> RollAsync(ClusterUnderTest cluster, PacedLoad load, CancellationToken cancel)
    {
        for (var agent = 0; agent < Agents; agent++)
        {
            await SignalAsync(cluster.Agents[agent], "TERM", cancel);
            await cluster.Agents[agent].WaitForExitAsync(cancel);
            cluster.Restart(agent);
            await cluster.WaitForMembersAsync(agent, Agents, cancel);
        }

        return load.Now;
    }

    private static async Task<double> BackAsync(ClusterUnderTest cluster, PacedLoad load, CancellationToken cancel)
    {
        await Task.Delay(Gap, cancel);
        var until = load.Now;
        cluster.Restart(Sick);
        await cluster.WaitForMembersAsync(Sick, Agents, cancel);
        return until;
    }

    private async Task RunForAsync(PacedLoad load, TimeSpan time, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stop.CancelAfter(time);
        await load.RunAsync(rate, stop.Token);
    }

    private static Task<string> SignalAsync(OwnedProcess process, string signal, CancellationToken cancel) =>
        OwnedProcess.RunAsync("kill", [$"-{signal}", $"{process.Id}"], TimeSpan.FromSeconds(10), cancel);
}

/// <summary>What one outage cost. Times in milliseconds, but <paramref name="Home"/> in seconds.</summary>
/// <param name="Refused">Right passwords that got another verdict; <paramref name="Silent"/>: that got none.</param>
/// <param name="Home">From the fault to the end of the last permit that had to wait for a silent account.</param>
/// <param name="Binds">The most that an account got which somebody guessed at.</param>
internal sealed record Outage(int Count, int Refused, int Silent, double Before99, double P50, double P99, double Worst, double Home, int Binds, string Why)
{
    public static Outage Of(IReadOnlyList<Paced> all, double from, double until, double waited, int binds)
    {
        var during = all.Where(each => each.Due >= from && each.Due < until).ToList();
        var wrong = all.Where(each => !each.IsRight).ToList();
        var waiting = during.Where(each => each.Permit >= waited).Select(each => each.Due + each.Took - from).DefaultIfEmpty(0).Max();
        return new(
            during.Count, wrong.Count(each => char.IsAsciiLetterUpper(each.Said[0]) && !each.Said.Contains(' ')),
            wrong.Count(each => !char.IsAsciiLetterUpper(each.Said[0]) || each.Said.Contains(' ')),
            Quantile(all.Where(each => each.Due < from), 0.99), Quantile(during, 0.5), Quantile(during, 0.99), Quantile(during, 1), waiting, binds,
            string.Join(", ", wrong.CountBy(each => each.Said).Select(pair => $"{pair.Value} {pair.Key}")));
    }

    public static string Line(string what, IReadOnlyList<Outage> seen)
    {
        var homes = seen.Select(each => each.Home).Order().ToArray();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {seen.Count} | {seen.Sum(each => each.Count):N0} | {seen.Sum(each => each.Refused)} | {seen.Sum(each => each.Silent)} | {seen.Max(each => each.Before99):0} | {seen.Max(each => each.P50):0} / {seen.Max(each => each.P99):0} / {seen.Max(each => each.Worst):0} | {homes[homes.Length / 2]:0.0} / {homes[^1]:0.0} | {seen.Max(each => each.Binds)} |");
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count:N0} sign-ins, {Refused} refused, {Silent} without a verdict, p99 before {Before99:0} ms, then p50 {P50:0}, p99 {P99:0}, worst {Worst:0} ms, home after {Home:0.0} s, at most {Binds} binds; {Why}");

    private static double Quantile(IEnumerable<Paced> some, double share)
    {
        var sorted = some.Select(each => each.Took * 1000).Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
