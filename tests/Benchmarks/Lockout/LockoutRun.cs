using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Akka.Actor;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Benchmarks.Processes;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Benchmarks.Lockout;

/// <summary>One run: the phases in order, each a line of the report.</summary>
internal sealed class LockoutRun(int accounts, TimeSpan phase)
{
    private const int InFlight = 64;
    private static readonly ClientSource Home = ClientSource.Of(IPAddress.Parse("192.0.2.1"), Guid.Parse("6f1f3a52-8f1c-4b57-9d1a-2f7f6a0b9c11"));

    private readonly List<string> _lines = [];

    public async Task<IReadOnlyList<string>> RunAsync(Action<string> tell, CancellationToken cancel)
    {
        using var folder = new ScratchFolder();
        var journal = folder.Combine("journal.db");
        using var host = await StartAsync(journal, cancel);
        var desk = host.Services.GetRequiredService<PermitDesk>();

        tell("warm-up");
        await SignInAsync(desk, Keys("warm", 2_000), Home, Settlement.Succeeded);

        tell("idle accounts");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SignInAsync(desk, Keys("cold", accounts), ClientSource.Nowhere, Settlement.Succeeded);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        Line("memory of an idle account", $"{(after - before) / accounts} bytes");

        var keys = Keys("home", accounts);
        var events = Events(journal);
        await SignInAsync(desk, keys, Home, Settlement.Succeeded);
        await UntilAsync(() => Events(journal) >= events + (2 * accounts), cancel);

        tell("clean path");
        var some = keys.Take(1_000).ToArray();
        events = Events(journal);
        var ends = Stopwatch.GetTimestamp() + (long)(phase.TotalSeconds * Stopwatch.Frequency);
        var count = 0;
        var clean = await MeasureAsync(async () =>
        {
            while (Stopwatch.GetTimestamp() < ends)
            {
                await SignInAsync(desk, some, Home, Settlement.Succeeded);
                count += some.Length;
            }
        });
        Line("permit and settle, clean, source known", clean, count);
        var written = Events(journal) - events;
        Line("events written meanwhile", written.ToString(CultureInfo.InvariantCulture));
        if (written != 0)
        {
            throw new BenchmarkFault($"the clean path has written {written} events");
        }

        foreach (var troubled in (int[])[0, 1_000, 100_000])
        {
            tell($"recovery of {troubled}");
            await RecoverAsync(host, journal, troubled, cancel);
        }

        await host.StopAsync(cancel);
        return _lines;
    }

    internal static async Task<IHost> StartAsync(string journal, CancellationToken cancel)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddClusterNode(new ClusterNodeOptions { Port = 0 }, new JournalOptions { Path = journal }, new LockoutPolicy());
        var host = builder.Build();
        await host.StartAsync(cancel);
        return host;
    }

    private static async Task SignInAsync(PermitDesk desk, AccountKey[] accounts, ClientSource source, Settlement how)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var place && place < accounts.Length)
            {
                using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                var attempt = new AttemptId(Guid.CreateVersion7());
                var request = new PermitRequest(accounts[place], source, attempt);
                if (await desk.AskAsync(request, deadline.Token) is not PermitAnswer.Granted granted
                    || !await desk.SettleAsync(accounts[place], attempt, granted.Permit, how, null, deadline.Token))
                {
                    throw new BenchmarkFault($"{accounts[place]} got no permit, or was not settled");
                }
            }
        })));
    }

    /// <summary>A ledger of no shard, with the snapshot of so many troubled accounts, recovered from scratch.</summary>
    private async Task RecoverAsync(IHost host, string journal, int troubled, CancellationToken cancel)
    {
        var services = host.Services;
        var system = services.GetRequiredService<ActorSystem>();
        var policies = services.GetRequiredService<LockoutPolicies>();
        var clock = services.GetRequiredService<TimeProvider>();
        var log = services.GetRequiredService<ILogger<LedgerEntity>>();
        var shard = $"none-bench-{troubled}";
        var now = clock.GetUtcNow();
        var state = new ClassState { Failed = 3, LastFailedAt = now, IsWritten = true };
        var sources = Home.Fingerprints().Select(print => new FamiliarSource(print, now)).ToImmutableArray();
        var opened = new LockoutProtocol.LedgerOpened(now);
        var whole = LedgerState.Apply(
            new LedgerState
            {
                Entries = Keys("troubled", troubled).ToImmutableDictionary(
                    account => account, _ => new AccountState { Unfamiliar = state, Sources = sources }),
            },
            opened);
        var writer = system.ActorOf(Props.CreateBy(new EntityProducer<LedgerJournal>(() => new LedgerJournal(shard, policies, clock, log))));
        writer.Tell(new Handover(opened, whole));
        await UntilAsync(() => Scalar(journal, $"SELECT count(*) FROM snapshot WHERE persistence_id = 'lockout-ledger-{shard}'") > 0, cancel);
        await writer.GracefulStop(TimeSpan.FromSeconds(30));
        var bytes = Scalar(journal, $"SELECT max(length(snapshot)) FROM snapshot WHERE persistence_id = 'lockout-ledger-{shard}'");

        var began = Stopwatch.GetTimestamp();
        var health = services.GetRequiredService<JournalHealth>();
        var ledger = system.ActorOf(Props.CreateBy(new EntityProducer<LedgerEntity>(() => new LedgerEntity(shard, policies, clock, health, log))));
        var account = Keys("troubled", 1)[0];
        LedgerProtocol.Entered entered;
        do
        {
            entered = await ledger.Ask<LedgerProtocol.Entered>(new LedgerProtocol.Enter(account), TimeSpan.FromSeconds(60), cancel);
        }
        while (troubled > 0 && entered.State.IsClean);

        Line(
            $"recovery of a ledger with {troubled:N0} troubled accounts",
            $"{Stopwatch.GetElapsedTime(began).TotalMilliseconds:N0} ms; its snapshot {bytes:N0} bytes");
        await ledger.GracefulStop(TimeSpan.FromSeconds(30));
    }

    private static async Task<(TimeSpan Took, TimeSpan Cpu, long Allocated)> MeasureAsync(Func<Task> work)
    {
        using var self = Process.GetCurrentProcess();
        var (cpu, allocated, began) = (self.TotalProcessorTime, GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        await work();
        self.Refresh();
        return (Stopwatch.GetElapsedTime(began), self.TotalProcessorTime - cpu, GC.GetTotalAllocatedBytes() - allocated);
    }

    internal static async Task UntilAsync(Func<bool> condition, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(120));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>That were ever written: snapshots delete events, but not their numbers.</summary>
    internal static long Events(string journal) => Scalar(
        journal, "SELECT coalesce(sum(number), 0) FROM (SELECT max(sequence_number) AS number FROM journal GROUP BY persistence_id)");

    internal static long Scalar(string journal, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = journal, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A benchmark's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(command.ExecuteScalar() is long value ? value : 0L);
    }

    private static AccountKey[] Keys(string forest, int count) =>
        [.. Enumerable.Range(1, count).Select(number => new AccountKey($"{forest}.example", new Guid(number, 0, 0, new byte[8])))];

    private void Line(string what, (TimeSpan Took, TimeSpan Cpu, long Allocated) measured, int count) => Line(
        what,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{count / measured.Took.TotalSeconds:N0} a second; {measured.Cpu.TotalMicroseconds / count:N0} µs CPU, {measured.Allocated / count:N0} bytes allocated each"));

    private void Line(string what, string figure) => _lines.Add($"| {what} | {figure} |");
}
