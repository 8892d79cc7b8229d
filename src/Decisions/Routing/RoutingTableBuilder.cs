using System.Collections.Immutable;

namespace Passthrough.Decisions.Routing;

/// <summary>Makes the table of one node from what its forests say of themselves and of those they trust.</summary>
/// <remarks>A forest that is asked itself is believed about its own names; what others who trust it exclude or disable is taken
/// away from that, because an administrator has said so.</remarks>
public sealed class RoutingTableBuilder
{
    private readonly Dictionary<string, List<RouteClaim>> _dnsClaims = [], _netBiosClaims = [];
    private readonly Dictionary<string, HashSet<string>> _excludes = [];
    private readonly Dictionary<string, Dictionary<string, string>> _domains = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _asked;

    private RoutingTableBuilder(ImmutableArray<ForestNames> forests) => _asked = [.. forests.Select(forest => forest.Name)];

    public static RoutingTable Build(ImmutableArray<ForestNames> forests)
    {
        var builder = new RoutingTableBuilder(forests);
        var trusts = forests.SelectMany(builder.UsedTrusts).ToList();

        // First what takes away, so that the order in which forests are named does not matter.
        trusts.ForEach(used => builder.AddRestrictions(used.Trust, used.Source));
        trusts.ForEach(used => builder.AddNames(used.Trust, used.Source));
        foreach (var forest in forests)
        {
            builder.AddOwnNames(forest);
        }

        return builder.ToTable();
    }

    private void AddOwnNames(ForestNames forest)
    {
        foreach (var domain in forest.Domains)
        {
            Claim(new RouteClaim(forest.Name, domain.DnsName, RouteRule.DomainName, SourceOf(domain.DnsName, "crossRef")));
            Name(forest.Name, domain.DnsName, domain.NetBiosName);
            if (domain.NetBiosName.Length > 0)
            {
                Claim(new RouteClaim(forest.Name, domain.NetBiosName, RouteRule.NetBiosName, SourceOf(domain.NetBiosName, "crossRef")));
            }
        }

        foreach (var suffix in forest.UpnSuffixes)
        {
            Claim(new RouteClaim(forest.Name, suffix, RouteRule.UpnSuffix, SourceOf(suffix, "uPNSuffixes")));
        }

        string SourceOf(string name, string place) =>
            forest.Configured.Contains(name) ? $"configuration of {forest.Name}" : $"{place} in {forest.Name}";
    }

    private IEnumerable<(TrustedDomain Trust, string Source)> UsedTrusts(ForestNames forest)
    {
        foreach (var trust in forest.Trusts.Where(trust => !trust.IsWithinForest))
        {
            var source = $"trust of {forest.Name} with {trust.DnsName}";
            if (WhyUnused(trust) is { } why)
            {
                _notes.Add($"{source}: {why}; it routes nothing");
            }
            else
            {
                yield return (trust, source);
            }
        }
    }

    private static string? WhyUnused(TrustedDomain trust) =>
        !trust.IsUplevel ? $"of kind {trust.Kind}, not with an Active Directory"
        : !trust.IsOutbound ? "only they trust us"
        : trust.Fault is { } fault ? $"msDS-TrustForestTrustInfo cannot be read at byte {fault.Offset}: {fault.What}"
        : null;

    private void AddRestrictions(TrustedDomain trust, string source)
    {
        foreach (var record in RecordsOf(trust))
        {
            switch (record)
            {
                case ForestTrustRecord.Exclusion exclusion:
                    Of(_excludes, exclusion.Name).Add(trust.DnsName);
                    break;
                case ForestTrustRecord.TopLevelName { IsEnabled: false } name:
                    NoteDisabled(trust, $"{name.Name} is {name.WhyDisabled}", source);
                    Claim(new RouteClaim(trust.DnsName, name.Name, RouteRule.TopLevelName, source, name.WhyDisabled));
                    break;
                case ForestTrustRecord.DomainInformation { IsNetBiosNameEnabled: false } domain:
                    NoteDisabled(trust, $"{domain.NetBiosName} is disabled", source);
                    Claim(new RouteClaim(trust.DnsName, domain.NetBiosName, RouteRule.NetBiosName, source, "disabled"));
                    break;
                case ForestTrustRecord.Other other:
                    _notes.Add($"{source}: a record of kind {other.Kind}, which routing does not use");
                    break;
            }
        }
    }

    // Of a forest that is asked itself it is noted with the forest's own claim.
    private void NoteDisabled(TrustedDomain trust, string what, string source)
    {
        if (!_asked.Contains(trust.DnsName))
        {
            _notes.Add($"{source}: {what}; it does not route");
        }
    }

    /// <summary>What a trust says of a forest that is not asked itself.</summary>
    private void AddNames(TrustedDomain trust, string source)
    {
        if (_asked.Contains(trust.DnsName))
        {
            return;
        }

        if (!HasRecords(trust))
        {
            AddExternalTrust(trust, source);
        }

        foreach (var record in RecordsOf(trust))
        {
            switch (record)
            {
                case ForestTrustRecord.TopLevelName { IsEnabled: true } name:
                    Claim(new RouteClaim(trust.DnsName, name.Name, RouteRule.TopLevelName, source));
                    break;
                case ForestTrustRecord.DomainInformation domain:
                    Name(trust.DnsName, domain.DnsName, domain.NetBiosName);
                    if (domain.IsNetBiosNameEnabled)
                    {
                        Claim(new RouteClaim(trust.DnsName, domain.NetBiosName, RouteRule.NetBiosName, source));
                    }

                    break;
            }
        }
    }

    private static bool HasRecords(TrustedDomain trust) => trust is { IsTransitive: true, Information: not null };

    private static ImmutableArray<ForestTrustRecord> RecordsOf(TrustedDomain trust) => HasRecords(trust) ? trust.Information!.Value : [];

    private void AddExternalTrust(TrustedDomain trust, string source)
    {
        Claim(new RouteClaim(trust.DnsName, trust.DnsName, RouteRule.ExternalTrust, source));
        if (!trust.IsUplevelOnly)
        {
            Claim(new RouteClaim(trust.DnsName, trust.NetBiosName, RouteRule.NetBiosName, source));
        }

        Name(trust.DnsName, trust.DnsName, trust.NetBiosName);
    }

    private void Claim(RouteClaim claim)
    {
        var claims = Of(claim.Rule == RouteRule.NetBiosName ? _netBiosClaims : _dnsClaims, claim.Name);
        if (claim.WhyDisabled.Length == 0 && claims.FirstOrDefault(other => other.Forest == claim.Forest) is { } same)
        {
            // The same forest's: said twice, or disabled by one who trusts it.
            if (same.WhyDisabled.Length > 0)
            {
                _notes.Add($"{claim.Name} of {claim.Forest} ({claim.Source}) does not route: {same.WhyDisabled} ({same.Source})");
            }

            return;
        }

        claims.Add(claim);
    }

    private void Name(string forest, string dnsName, string netBiosName)
    {
        Of(_domains, dnsName)[forest] = dnsName;
        Of(_domains, netBiosName)[forest] = dnsName;
    }

    private RoutingTable ToTable()
    {
        foreach (var (name, claims) in _dnsClaims.Concat(_netBiosClaims).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var forests = claims.Where(claim => claim.WhyDisabled.Length == 0).Select(claim => claim.Forest).Distinct().ToList();
            if (forests.Count > 1)
            {
                _notes.Add($"{name} is claimed by {string.Join(" and ", forests)}; it routes to neither");
            }
        }

        return new RoutingTable(
            _dnsClaims.Keys.Concat(_excludes.Keys).Concat(_domains.Keys).Distinct().Select(name => Entry(name, _dnsClaims)),
            _netBiosClaims.Keys.Select(name => Entry(name, _netBiosClaims)),
            [.. _notes]);
    }

    private RoutingTable.Entry Entry(string name, Dictionary<string, List<RouteClaim>> claims) => new(
        name,
        claims.TryGetValue(name, out var all) ? [.. all] : [],
        _excludes.TryGetValue(name, out var excludes) ? [.. excludes] : [],
        _domains.TryGetValue(name, out var domains) ? [.. domains.Select(pair => (pair.Key, pair.Value))] : []);

    private static T Of<T>(Dictionary<string, T> table, string name)
        where T : new()
    {
        if (!table.TryGetValue(name, out var list))
        {
            table[name] = list = new T();
        }

        return list;
    }
}
