using Passthrough.Decisions.Routing;
using static Passthrough.Decisions.Routing.ForestTrustRecord;

namespace Passthrough.Decisions.Tests.Routing;

/// <summary>The published rules, as plainly as they can be written, to compare the product with: one pass over everything for
/// each name, no table, no code of the product but the data it reads (MS-ADTS 6.1.6.7, 6.1.6.9.3; MS-LSAD 3.1.4.7.16.1).</summary>
internal static class RoutingModel
{
    private const uint WithinForest = 0x20, ForestTransitive = 0x8, NonTransitive = 0x1, UplevelOnly = 0x2;

    /// <returns>The forest; "conflict"; or "" if no forest gets it.</returns>
    public static string Route(IReadOnlyList<ForestNames> asked, string suffix)
    {
        var name = suffix.ToLowerInvariant();
        var trusts = asked.SelectMany(forest => forest.Trusts)
            .Where(trust => trust.Kind == 2 && (trust.Direction & 2) == 2 && (trust.Attributes & WithinForest) == 0 && trust.Fault is null)
            .ToList();
        var out0 = trusts.Where(IsForestTrust)
            .Where(trust => trust.Information!.Value.OfType<Exclusion>().Any(record => Covers(record.Name, name)))
            .Select(trust => trust.DnsName).ToHashSet();

        var netBios = new HashSet<string>();
        var dns = new List<(string Name, string Forest)>();
        foreach (var forest in asked)
        {
            netBios.UnionWith(forest.Domains.Where(domain => domain.NetBiosName == name).Select(_ => forest.Name));
            dns.AddRange(forest.Domains.Select(domain => (domain.DnsName, forest.Name)));
            dns.AddRange(forest.UpnSuffixes.Select(each => (each, forest.Name)));
        }

        foreach (var trust in trusts.Where(trust => asked.All(forest => forest.Name != trust.DnsName)))
        {
            if (!IsForestTrust(trust))
            {
                dns.Add((trust.DnsName, trust.DnsName));
                netBios.UnionWith(trust.NetBiosName == name && (trust.Attributes & UplevelOnly) == 0 ? [trust.DnsName] : []);
                continue;
            }

            foreach (var record in trust.Information!.Value)
            {
                if (record is TopLevelName top)
                {
                    dns.Add((top.Name, trust.DnsName));
                }
                else if (record is DomainInformation domain && domain.NetBiosName == name)
                {
                    netBios.Add(trust.DnsName);
                }
            }
        }

        foreach (var trust in trusts.Where(IsForestTrust))
        {
            foreach (var record in trust.Information!.Value)
            {
                if (record is TopLevelName top && (top.Flags & 7) != 0)
                {
                    dns.RemoveAll(each => each == (top.Name, trust.DnsName));
                }
                else if (record is DomainInformation domain && domain.NetBiosName == name && (domain.Flags & 12) != 0)
                {
                    netBios.Remove(trust.DnsName);
                }
            }
        }

        netBios.ExceptWith(out0);
        if (netBios.Count > 0)
        {
            return netBios.Count == 1 ? netBios.Single() : "conflict";
        }

        var matches = dns.Where(each => Covers(each.Name, name) && !out0.Contains(each.Forest)).ToList();
        var longest = matches.Select(each => each.Name.Length).DefaultIfEmpty().Max();
        var winners = matches.Where(each => each.Name.Length == longest).Select(each => each.Forest).Distinct().ToList();
        return winners.Count switch { 0 => "", 1 => winners[0], _ => "conflict" };
    }

    private static bool IsForestTrust(TrustedDomain trust) =>
        (trust.Attributes & (ForestTransitive | WithinForest)) != 0 && (trust.Attributes & NonTransitive) == 0 && trust.Information is not null;

    private static bool Covers(string top, string name) => name == top || name.EndsWith("." + top, StringComparison.Ordinal);
}
