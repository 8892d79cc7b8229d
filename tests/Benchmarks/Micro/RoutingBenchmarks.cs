using BenchmarkDotNet.Attributes;
using Passthrough.Decisions.Routing;

namespace Passthrough.Benchmarks.Micro;

/// <summary>The table of a forest of 200 domains and 500 suffixes that trusts another as large. Baseline: one look into a hash
/// table of whole names.</summary>
public class RoutingBenchmarks
{
    private const int Domains = 200, Suffixes = 500;

    private readonly ForestNames _forest;
    private readonly RoutingTable _table;
    private readonly HashSet<string> _names;

    public RoutingBenchmarks()
    {
        var records = Enumerable.Range(0, Suffixes).Select(i => new ForestTrustRecord.TopLevelName(0, null, $"s{i}.other.example"))
            .Concat<ForestTrustRecord>(Enumerable.Range(0, Domains).Select(i =>
                new ForestTrustRecord.DomainInformation(0, null, "", $"d{i}.s{i}.other.example", $"other{i}")));
        _forest = new ForestNames(
            "corp.example",
            [.. Enumerable.Range(0, Domains).Select(i => new DomainNames($"d{i}.corp.example", $"corp{i}"))],
            [.. Enumerable.Range(0, Suffixes).Select(i => $"s{i}.brand.example")],
            [new TrustedDomain("other.example", "other", 2, 3, 8, [.. records])]);
        _table = RoutingTableBuilder.Build([_forest]);
        _names = [.. _forest.Domains.Select(domain => domain.DnsName), .. _forest.UpnSuffixes];
    }

    [Benchmark(Baseline = true)]
    public bool OneLook() => _names.Contains("d77.corp.example");

    [Benchmark]
    public Route Domain() => _table.Find("d77.corp.example");

    [Benchmark]
    public Route UnderASuffix() => _table.Find("a.b.s77.brand.example");

    [Benchmark]
    public Route NetBiosName() => _table.Find("CORP77");

    [Benchmark]
    public Route OfTheTrust() => _table.Find("d77.s77.other.example");

    [Benchmark]
    public Route Nowhere() => _table.Find("a.b.c.nowhere.invalid");

    [Benchmark]
    public RoutingTable BuildTheTable() => RoutingTableBuilder.Build([_forest]);
}
