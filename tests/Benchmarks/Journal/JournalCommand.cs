using System.CommandLine;
using Passthrough.Agent.Hosting;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Journal;

/// <summary>`journal`: permits and failures through the shards of a node, with real ledgers and a durable journal.</summary>
internal static class JournalCommand
{
    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "How long each measurement lasts.",
        DefaultValueFactory = _ => 5,
    };

    public static Command Create()
    {
        var command = new Command(
            "journal", "Measures stored failures and sign-ins of one node, on SQLite and on PostgreSQL beside each other.")
        {
            Seconds,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            Console.WriteLine($"{MachineFacts.Read()}; load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start");
            using var scratch = new ScratchFolder();
            var time = TimeSpan.FromSeconds(arguments.GetValue(Seconds));
            await MeasureAsync("SQLite, WAL, synchronous=FULL", new JournalOptions { Path = scratch.Combine("journal.db") }, time, cancel);
            await using var server = await PostgreSqlServer.StartAsync(scratch, cancel);
            var postgreSql = new JournalOptions
            {
                Provider = JournalProvider.PostgreSql,
                ConnectionStringFile = scratch.WriteFile("connection", server.ConnectionString),
            };
            await MeasureAsync("PostgreSQL, fsync and synchronous_commit on", postgreSql, time, cancel);
            return 0;
        });
        return command;
    }

    private static async Task MeasureAsync(string what, JournalOptions journal, TimeSpan time, CancellationToken cancel)
    {
        Console.WriteLine($"\n{what}");
        await using var run = await JournalRun.StartAsync(journal);
        foreach (var inFlight in new[] { 64, 256 })
        {
            await run.ReportAsync("failures of troubled accounts, the same 1,000", inFlight, time, run.FailAsync, cancel);
        }

        await run.ReportAsync("first failures of accounts never seen", 64, time, run.FailStrangerAsync, cancel);
        await run.ReportAsync("sign-ins of accounts never seen, source not told", 64, time, run.SignInStrangerAsync, cancel);
        await run.ReportAsync("sign-ins of accounts never seen, source new", 64, time, run.SignInStrangerFromAsync, cancel);
        await run.ReportAsync("sign-ins of clean accounts, the same 1,000", 64, time, run.SignInAsync, cancel);
        await run.ReportAsync("5 % failures, 95 % sign-ins", 64, time, run.MixAsync, cancel);
    }
}
