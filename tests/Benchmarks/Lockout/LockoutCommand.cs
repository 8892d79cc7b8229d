using System.CommandLine;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Lockout;

/// <summary>`lockout`: permits and settlements through a real node, its shards and its journal.</summary>
internal static class LockoutCommand
{
    private static readonly Option<int> Accounts = new("--accounts")
    {
        Description = "Accounts that sign in, 1,000 to 1,000,000.",
        DefaultValueFactory = _ => 20_000,
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "Length of each phase in seconds, 1 to 60.",
        DefaultValueFactory = _ => 5,
    };

    public static Command Create()
    {
        var command = new Command(
            "lockout",
            "Starts one node in this process on a SQLite journal: permit and settle of clean accounts (rate, CPU, allocations, and that "
            + "nothing is written), accounts never seen, failures a second, memory of an idle account, recovery of a ledger. Also "
            + "writes artifacts/bench/lockout.md.")
        {
            Accounts, Seconds,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            try
            {
                var run = new LockoutRun(arguments.GetValue(Accounts), TimeSpan.FromSeconds(arguments.GetValue(Seconds)));
                var lines = await run.RunAsync(Console.Error.WriteLine, cancel);
                var load = (await File.ReadAllTextAsync("/proc/loadavg", cancel)).Split(' ')[0];
                var report = $"{MachineFacts.Read()}; load average at the end {load}\n\n| what | figure |\n| --- | --- |\n{string.Join('\n', lines)}\n";
                var file = Path.Combine(Repository.Root, "artifacts", "bench", "lockout.md");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllTextAsync(file, report, cancel);
                Console.WriteLine(report);
                return 0;
            }
            catch (BenchmarkFault fault)
            {
                await Console.Error.WriteLineAsync(fault.Message);
                return 1;
            }
        });
        return command;
    }
}
