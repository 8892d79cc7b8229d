using System.CommandLine;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Cluster;

/// <summary>`cluster`: several agents as one, by size, through outages, under more load than they can take.</summary>
internal static class ClusterCommand
{
    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "Length of the measured phase in seconds, 5 to 120.",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<int> InFlight = new("--in-flight")
    {
        Description = "Checks in flight at once, 1 to 512.",
        DefaultValueFactory = _ => 64,
    };

    private static readonly Option<double> Rate = new("--rate")
    {
        Description = "Sign-ins a second, 10 to 5,000.",
        DefaultValueFactory = _ => 500,
    };

    private static readonly Option<int> Runs = new("--runs")
    {
        Description = "Of each kind of outage, 1 to 100; about a minute each.",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<double> Times = new("--times")
    {
        Description = "How many times the peak's rate comes, 1.5 to 20.",
        DefaultValueFactory = _ => 5,
    };

    public static Command Create()
    {
        var sizes = new Command("sizes", "Rate, CPU and bytes of a check, and memory of a node, with one, three and nine agents.") { Seconds, InFlight };
        sizes.SetAction((arguments, cancel) => ReportAsync(
            "cluster-sizes", new SizesRun(TimeSpan.FromSeconds(arguments.GetValue(Seconds)), arguments.GetValue(InFlight)).RunAsync, cancel,
            "checks a second", "p50 / p99, ms", "CPU of the gateway, µs a check", "of all agents (to one agent)", "of slapd",
            "bytes on the loopback a check", "memory of an agent, MiB", "wrong answers"));
        var outages = new Command(
            "outages", "An even rate of right passwords over three agents, and somebody who guesses, while one is killed, frozen or leaves, and all restart.")
        {
            Rate, Runs,
        };
        outages.SetAction((arguments, cancel) => ReportAsync(
            "cluster-outages", new OutagesRun(arguments.GetValue(Rate), arguments.GetValue(Runs)).RunAsync, cancel,
            "runs", "sign-ins", "refused", "without a verdict", "p99 before, ms (worst run)", "p50 / p99 / worst during it, ms (worst run)",
            "all accounts have a home again, s (median / worst run)", "most binds of a guessed account"));
        var overload = new Command("overload", "Several times as many sign-ins as three agents can serve.") { Seconds, Times };
        overload.SetAction((arguments, cancel) => ReportAsync(
            "cluster-overload", new OverloadRun(TimeSpan.FromSeconds(arguments.GetValue(Seconds)), arguments.GetValue(Times)).RunAsync, cancel));
        return new Command(
            "cluster",
            "Starts slapd, PostgreSQL, the gateway and agents that are one cluster. Run it with root in a network namespace of its own "
            + "(unshare --net, ip link set lo up), where nobody else's traffic is counted. Needs ops/install-packages bench cluster.")
        {
            sizes, outages, overload,
        };
    }

    private static async Task<int> ReportAsync(
        string name, Func<Action<string>, CancellationToken, Task<IReadOnlyList<string>>> run, CancellationToken cancel, params string[] columns)
    {
        try
        {
            await FigureTable.WriteAsync(name, await run(Console.Error.WriteLine, cancel), cancel, columns);
            return 0;
        }
        catch (BenchmarkFault fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }
    }
}
