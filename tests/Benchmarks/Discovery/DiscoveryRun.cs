using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Benchmarks.Processes;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;
using Passthrough.Directories.Location;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Benchmarks.Discovery;

/// <summary>Discovers a made forest over loopback as an agent does: its names by LDAP, the routing table, the controllers of every
/// domain and the global catalogs by DNS. The servers that answer run in this process, and their CPU counts too.</summary>
internal sealed class DiscoveryRun(int domains, int suffixes, int controllers)
{
    private const int Rounds = 11;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>Lines of the report's table.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancel)
    {
        var made = new MadeForest(domains, suffixes, controllers);
        await using var ldap = new ScriptedServer { Script = made.Answer };
        await using var dns = new DnsServer(made.Records);
        using var scratch = new ScratchFolder();
        var options = new ForestOptions
        {
            Name = MadeForest.Name,
            ServiceAccount = ScriptedServer.ServiceAccount,
            ServiceAccountPasswordFile = scratch.WriteFile("password", "service"),
            LabOnlyPlainLdap = true,
        };
        options.DomainControllers.Add(ldap.Address);
        List<(TimeSpan Cpu, TimeSpan Elapsed)> rounds = [];
        for (var round = 0; round < Rounds; round++)
        {
            rounds.Add(await MeasureAsync(options, made, dns, cancel));
        }

        var later = rounds[1..].OrderBy(round => round.Cpu).ToList();
        return
        [
            $"| forest | {domains} domains, {suffixes} UPN suffixes, {controllers} controllers, 20 trusts |",
            $"| questions to DNS for one discovery | {dns.Asked / Rounds:N0} |",
            $"| the first discovery of the process: CPU / elapsed | {rounds[0].Cpu.TotalMilliseconds:N0} ms / {rounds[0].Elapsed.TotalMilliseconds:N0} ms |",
            $"| one of {later.Count} later ones, median: CPU / elapsed | {later[later.Count / 2].Cpu.TotalMilliseconds:N0} ms / "
                + $"{later[later.Count / 2].Elapsed.TotalMilliseconds:N0} ms |",
        ];
    }

    private static async Task<(TimeSpan Cpu, TimeSpan Elapsed)> MeasureAsync(
        ForestOptions options, MadeForest made, DnsServer dns, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Patience);
        var cpu = Environment.CpuUsage.TotalTime;
        var began = Stopwatch.GetTimestamp();
        await using var directory = ForestDirectory.Open(options, TimeProvider.System, NullLogger<ForestDirectory>.Instance);
        var reply = await directory.ReadNamesAsync(deadline.Token);
        var names = reply.Names ?? throw new BenchmarkFault($"{reply.Fault}");
        directory.UseNames(names);
        var table = RoutingTableBuilder.Build([names]);
        var accepted = AcceptedNames.Configured(options.Name, "", []).With(names);
        var locator = new DomainControllerLocator(options, dns.Address);
        var found = 0;
        foreach (var domain in names.Domains)
        {
            found += (await locator.LocateAsync(new ControllerScope(domain.DnsName), accepted, MadeForest.Site, deadline.Token)).Count;
        }

        var catalogs = await locator.LocateAsync(
            new ControllerScope(options.Name, IsGlobalCatalog: true), accepted, MadeForest.Site, deadline.Token);
        var taken = (Environment.CpuUsage.TotalTime - cpu, Stopwatch.GetElapsedTime(began));
        var last = made.Suffixes[^1];
        return names.Domains.Length == made.Domains.Length && found == made.Controllers && catalogs.Count > 0
            && table.Find(last) is { Outcome: RouteOutcome.Routed, Claim.Forest: MadeForest.Name }
                ? taken
                : throw new BenchmarkFault($"{names.Domains.Length} domains, {found} controllers, {catalogs.Count} catalogs, {last}: not what was made");
    }
}
