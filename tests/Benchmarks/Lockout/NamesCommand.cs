using System.CommandLine;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Lockout;

/// <summary>`names`: wrong passwords for invented names through a real node and its shards.</summary>
internal static class NamesCommand
{
    private static readonly Option<int> Names = new("--names")
    {
        Description = "Invented names, 1,000 to 10,000,000.",
        DefaultValueFactory = _ => 1_000_000,
    };

    public static Command Create()
    {
        var command = new Command(
            "names",
            "Starts one node in this process on a SQLite journal and lets a wrong password for each of many invented names through it: "
            + "rate, memory, and that the journal does not grow. Also writes artifacts/bench/names.md.")
        {
            Names,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            try
            {
                var lines = await new NamesRun(arguments.GetValue(Names)).RunAsync(Console.Error.WriteLine, cancel);
                await FigureTable.WriteAsync("names", lines, cancel);
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
