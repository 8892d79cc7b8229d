using System.CommandLine;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Steering;

/// <summary>`steering`: what people notice when one of two domain controllers is sick, here and with an ordered list of servers.</summary>
internal static class SteeringCommand
{
    private static readonly Option<double> Rate = new("--rate")
    {
        Description = "Sign-ins a second of each client, 1 to 200.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "How long each fault lasts, 10 to 300.",
        DefaultValueFactory = _ => 20,
    };

    public static Command Create()
    {
        var command = new Command(
            "steering",
            "Freezes, kills, unplugs and slows one of the lab's two domain controllers while our client and libldap's list of servers sign "
            + "people in. Runs in the lab: ops/lab/lab exec agent. Also writes artifacts/bench/steering.md.")
        {
            Rate, Seconds,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            try
            {
                var run = new SteeringRun(
                    LabSettings.Read(), arguments.GetValue(Rate), TimeSpan.FromSeconds(arguments.GetValue(Seconds)), Console.Error.WriteLine);
                var lines = await run.RunAsync(cancel);
                await FigureTable.WriteAsync("steering", lines, cancel, "Passthrough", "libldap's list");
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
