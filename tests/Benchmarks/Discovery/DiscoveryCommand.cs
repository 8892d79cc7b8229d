using System.CommandLine;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Discovery;

/// <summary>`discovery`: what a large forest costs to discover.</summary>
internal static class DiscoveryCommand
{
    private static readonly Option<int> Domains = Size("--domains", "Domains, 2 to 900.", 200);
    private static readonly Option<int> Suffixes = Size("--suffixes", "UPN suffixes, 1 to 1,200.", 500);
    private static readonly Option<int> Controllers = Size("--controllers", "Controllers of all domains together, 2 for each domain at least.", 1_000);

    public static Command Create()
    {
        var command = new Command(
            "discovery",
            "Discovers a made forest over loopback: names by LDAP, routing table, controllers of every domain by DNS. CPU and time. "
            + "Also writes artifacts/bench/discovery.md.")
        {
            Domains, Suffixes, Controllers,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            try
            {
                var run = new DiscoveryRun(arguments.GetValue(Domains), arguments.GetValue(Suffixes), arguments.GetValue(Controllers));
                await FigureTable.WriteAsync("discovery", await run.RunAsync(cancel), cancel);
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

    private static Option<int> Size(string name, string description, int usual) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual };
}
