using System.Diagnostics;
using System.Globalization;
using System.Net;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Passthrough.Agent.Lockout;
using Passthrough.Benchmarks.Processes;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Benchmarks.Lockout;

/// <summary>One run: a wrong password for each of many invented names, as fast as the node takes them.</summary>
internal sealed class NamesRun(int names)
{
    private const int InFlight = 64;
    private const string Forest = "invented.example";
    private static readonly ClientSource Somewhere = ClientSource.Of(IPAddress.Parse("192.0.2.1"), null);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly List<string> _lines = [];

    public async Task<IReadOnlyList<string>> RunAsync(Action<string> tell, CancellationToken cancel)
    {
        using var folder = new ScratchFolder();
        var journal = folder.Combine("journal.db");
        using var host = await LockoutRun.StartAsync(journal, cancel);
        var desk = host.Services.GetRequiredService<PermitDesk>();
        var region = await host.Services.GetRequiredService<IRequiredActor<PermitDesk>>().GetAsync(cancel);

        tell("warm-up");
        await GuessAsync(desk, "warm", 10_000);
        await LeftAsync(region, cancel);
        // So that the journal is not empty.
        await GuessAsync(desk, number => new AccountKey("real.example", new Guid(number, 0, 0, new byte[8])), 1_000);

        var (rows, events, idle) = (Rows(journal), LockoutRun.Events(journal), Live());
        tell("names");
        using var self = Process.GetCurrentProcess();
        var (cpu, began) = (self.TotalProcessorTime, Stopwatch.GetTimestamp());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var peak = PeakAsync(end.Token);
        await GuessAsync(desk, "name", names);
        var took = Stopwatch.GetElapsedTime(began);
        self.Refresh();
        cpu = self.TotalProcessorTime - cpu;
        await end.CancelAsync();
        var present = await PresentAsync(region, cancel);
        var full = Live();
        tell("until they have left");
        var waits = Stopwatch.GetTimestamp();
        await LeftAsync(region, cancel);
        var left = Stopwatch.GetElapsedTime(waits);

        Line("invented names, a permit and a failure each", $"{names:N0} in {took.TotalSeconds:N0} s: {names / took.TotalSeconds:N0} a second; {cpu.TotalMicroseconds / names:N0} µs CPU each");
        Line("rows of the journal before / after", $"{rows:N0} / {Rows(journal):N0}");
        Line("events ever written, before / after", $"{events:N0} / {LockoutRun.Events(journal):N0}");
        Line("managed memory before", Mebibytes(idle));
        Line("managed memory, highest seen, garbage and all", Mebibytes(await peak));
        Line("after the last name, garbage collected", $"{Mebibytes(full)}; {present:N0} names in memory, {(full - idle) / Math.Max(1, present):N0} bytes each");
        Line($"all had left {left.TotalSeconds:N0} s later; managed memory then", Mebibytes(Live()));
        if (LockoutRun.Events(journal) != events)
        {
            throw new BenchmarkFault("names of nobody have written to the journal");
        }

        await host.StopAsync(cancel);
        return _lines;
    }

    private static Task GuessAsync(PermitDesk desk, string prefix, int count) =>
        GuessAsync(desk, number => AccountKey.ForUnknownName(Forest, $"{prefix}{number}@{Forest}"), count);

    private static Task GuessAsync(PermitDesk desk, Func<int, AccountKey> account, int count)
    {
        var last = 0;
        return Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref last) is var number && number <= count)
            {
                using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                var (key, attempt) = (account(number), new AttemptId(Guid.CreateVersion7()));
                if (await desk.AskAsync(new PermitRequest(key, Somewhere, attempt), deadline.Token) is not PermitAnswer.Granted granted
                    || !await desk.SettleAsync(key, attempt, granted.Permit, Settlement.Failed, null, deadline.Token))
                {
                    throw new BenchmarkFault($"{key} got no permit, or was not settled");
                }
            }
        })));
    }

    private static async Task<long> PeakAsync(CancellationToken end)
    {
        var peak = 0L;
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
            }
        }
        catch (OperationCanceledException)
        {
            // All names are through.
        }

        return peak;
    }

    private static async Task LeftAsync(IActorRef region, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await PresentAsync(region, cancel) > 0)
        {
            await timer.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>Invented names that have an actor.</summary>
    private static async Task<int> PresentAsync(IActorRef region, CancellationToken cancel)
    {
        var state = await region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, TimeSpan.FromSeconds(60), cancel);
        return state.Failed.Count == 0
            ? state.Shards.Sum(shard => shard.EntityIds.Count(id => id.EndsWith(Forest, StringComparison.Ordinal)))
            : throw new BenchmarkFault("not all shards say who is in them");
    }

    private static long Rows(string journal) => LockoutRun.Scalar(journal, "SELECT count(*) FROM journal");

    private static long Live() => GC.GetTotalMemory(forceFullCollection: true);

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):N0} MiB");

    private void Line(string what, string figure) => _lines.Add($"| {what} | {figure} |");
}
