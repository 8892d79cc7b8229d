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
            + "nothing is written), memory of an idle account, recovery of a ledger. Also writes artifacts/bench/lockout.md. What "
            + "the journal bounds is measured by `journal`.")
        {
            Accounts, Seconds,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            try
            {
                var run = new LockoutRun(arguments.GetValue(Accounts), TimeSpan.FromSeconds(arguments.GetValue(Seconds)));
                var lines = await run.RunAsync(Console.Error.WriteLine, cancel);
                await FigureTable.WriteAsync("lockout", lines, cancel);
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
