using System.Globalization;
using Passthrough.Benchmarks.Processes;
using Passthrough.Directories;

namespace Passthrough.Benchmarks.Steering;

/// <summary>Both clients at once on the lab's two domain controllers, through each fault of the second one. The controller that
/// becomes sick is the first of the ordered list.</summary>
internal sealed class SteeringRun(LabSettings lab, double rate, TimeSpan fault, Action<string> say)
{
    public const string Well = "dc1.corp.example", Sick = "dc2.corp.example";

    private const string Password = "Passw0rd-1234", RelayPort = "1636";
    private const int People = 20;

    /// <summary>Of ours to each controller; of the other in all. As many as FreeRADIUS keeps in the other benchmarks.</summary>
    private const int Connections = 16;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(12), After = TimeSpan.FromSeconds(40), ForTool = TimeSpan.FromMinutes(2);

    /// <returns>Lines of the report's table.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancel)
    {
        using var scratch = new ScratchFolder();
        scratch.WriteFile("names", string.Join('\n', Names));
        scratch.WriteFile("password", Password);
        scratch.WriteFile("service", lab.ServicePassword);
        scratch.WriteFile("delay", "0");
        List<string> lines = [];
        await AddAsync("frozen (SIGSTOP)", Sick, () => LabAsync("freeze"), () => LabAsync("thaw"));
        await AddAsync("killed", Sick, () => LabAsync("kill"), () => LabAsync("start"));
        await AddAsync("cable pulled", Sick, () => LabAsync("unplug"), () => LabAsync("plug"));
        await using (var relay = StartRelay(scratch))
        {
            await AddAsync("slowed by 2 s", $"{Sick}:{RelayPort}", () => DelayAsync("2"), () => DelayAsync("0"));
        }

        return lines;

        async Task AddAsync(string name, string sick, Func<Task> make, Func<Task> undo)
        {
            say($"{name}: {(Before + fault + After).TotalSeconds:0} s");
            var (ours, theirs) = await ThroughAsync(scratch, sick, make, undo, cancel);
            lines.AddRange(
            [
                $"| {name}: right passwords refused | {ours.Refused} | {theirs.Refused} |",
                $"| p50 / p99 / slowest, ms | {ours.Latencies} | {theirs.Latencies} |",
                $"| p99 is back after | {ours.BackAfter} | {theirs.BackAfter} |",
                $"| binds that went to it: before; while it was sick | {ours.ToSick} | {theirs.ToSick} |",
                $"| it serves again, after recovery | {ours.UsedAgain} | {theirs.UsedAgain} |",
            ]);
        }

        Task DelayAsync(string seconds) => File.WriteAllTextAsync(scratch.Combine("delay"), seconds, cancel);

        Task LabAsync(string command) =>
            OwnedProcess.RunAsync(Path.Combine(Repository.Root, "ops", "lab", "lab"), [command, "dc2"], ForTool, CancellationToken.None);
    }

    private static IReadOnlyList<string> Names => [.. Enumerable.Range(1, People).Select(number => $"load{number:0000}@corp.example")];

    private async Task<(SteeringFigures Ours, SteeringFigures Theirs)> ThroughAsync(
        ScratchFolder scratch, string sick, Func<Task> make, Func<Task> undo, CancellationToken cancel)
    {
        var port = sick == Sick ? "636" : RelayPort;
        var client = new SteeredClient(Options(scratch, sick), Names, Password, rate);
        await using var ordered = OrderedListClient.Start(
            $"ldaps://{Sick}:{port} ldaps://{Well}", lab.CaFile, scratch.Combine("names"), rate, scratch.Combine("password"), Connections,
            new Dictionary<string, string> { [$"{lab.AddressOf(Sick)}:{port}"] = sick, [$"{lab.AddressOf(Well)}:636"] = Well });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = client.RunAsync(stop.Token);
        await Task.Delay(Before, cancel);
        var from = SteeredClient.Clock;
        try
        {
            await make();
            await Task.Delay(fault, cancel);
        }
        finally
        {
            await undo();
        }

        // A controller that was killed takes a while to start, and is sick until it answers.
        var isBack = SteeredClient.Clock;
        await Task.Delay(After, cancel);
        var end = SteeredClient.Clock;
        await stop.CancelAsync();
        var theirs = await ordered.StopAsync();
        await running;
        return (new SteeringFigures([.. client.Done], sick, from, isBack, end), new SteeringFigures(theirs, sick, from, isBack, end));
    }

    private ForestOptions Options(ScratchFolder scratch, string sick)
    {
        var options = new ForestOptions
        {
            Name = "corp.example",
            NetBiosName = "CORP",
            ServiceAccount = "svc-ldap@corp.example",
            ServiceAccountPasswordFile = scratch.Combine("service"),
            TrustedCaFile = lab.CaFile,
            ConnectionsPerDomainController = Connections,
        };
        options.DomainControllers.Add(sick);
        options.DomainControllers.Add(Well);
        return options;
    }

    private OwnedProcess StartRelay(ScratchFolder scratch) => OwnedProcess.Start(
        "relay", scratch.Combine("relay.log"), "ip",
        [
            "netns", "exec", lab.AgentNamespace.Replace("agent", "dc2", StringComparison.Ordinal), "python3",
            Path.Combine(Repository.Root, "tests", "Lab.Tests", "Directories", "delaying-relay.py"),
            RelayPort, string.Create(CultureInfo.InvariantCulture, $"{Sick}:636"), scratch.Combine("delay"),
        ]);
}
