using System.CommandLine;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.EndToEnd;

/// <summary>`end-to-end`: the command line of the load driver.</summary>
internal static class EndToEndCommand
{
    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "Length of each measured phase in seconds, 1 to 60.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> InFlight = new("--in-flight")
    {
        Description = "Checks in flight at once, 1 to 512.",
        DefaultValueFactory = _ => 64,
    };

    private static readonly Option<double> WrongPercent = new("--wrong-percent")
    {
        Description = "Share of checks with a wrong password, 0 to 50.",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<int> Users = new("--users")
    {
        Description = "Users in the directory, 100 to 99999.",
        DefaultValueFactory = _ => 10_000,
    };

    private static readonly Option<string?> KeepLogs = new("--keep-logs")
    {
        Description = "Folder that gets the log of every process.",
    };

    public static Command Create()
    {
        Within(Seconds, 1, 60);
        Within(InFlight, 1, 512);
        Within(WrongPercent, 0, 50);
        Within(Users, 100, 99_999);
        var command = new Command(
            "end-to-end",
            "Starts slapd, FreeRADIUS (rlm_ldap), the gateway and one agent on loopback, checks passwords through both, "
            + "and prints rate, latency and CPU per check with the ratio. Needs Debian's slapd, ldap-utils, freeradius "
            + "and freeradius-ldap (ops/install-packages bench). Also writes artifacts/bench/end-to-end.md.")
        {
            Seconds, InFlight, WrongPercent, Users, KeepLogs,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancel)
    {
        var options = new EndToEndOptions(
            TimeSpan.FromSeconds(arguments.GetValue(Seconds)),
            arguments.GetValue(InFlight),
            arguments.GetValue(WrongPercent),
            arguments.GetValue(Users),
            arguments.GetValue(KeepLogs));
        try
        {
            var report = await new EndToEndRun(options, TimeProvider.System).RunAsync(Console.Error.WriteLine, cancel);
            Console.WriteLine(report);
            return 0;
        }
        catch (BenchmarkFault fault)
        {
            Console.Error.WriteLine(fault.Message);
            return 1;
        }
    }

    private static void Within<T>(Option<T> option, T least, T most)
        where T : IComparable<T> =>
        option.Validators.Add(result =>
        {
            if (result.Errors.Any()) return;
            var value = result.GetValueOrDefault<T>();
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0) result.AddError($"{option.Name} must be {least} to {most}.");
        });
}
