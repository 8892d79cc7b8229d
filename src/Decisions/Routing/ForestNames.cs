using System.Collections.Immutable;

namespace Passthrough.Decisions.Routing;

/// <summary>What a forest says of itself and of those it trusts. All names in lower case, without a trailing dot.</summary>
/// <param name="Name">DNS name of its root domain, which is the forest's name.</param>
/// <param name="Domains">From the crossRef objects of its Partitions container.</param>
/// <param name="UpnSuffixes">uPNSuffixes of that container.</param>
public sealed record ForestNames(
    string Name, ImmutableArray<DomainNames> Domains, ImmutableArray<string> UpnSuffixes, ImmutableArray<TrustedDomain> Trusts)
{
    /// <summary>Those of the names above that no directory said, but a site's configuration.</summary>
    public ImmutableArray<string> Configured { get; init; } = [];
}

/// <summary>A domain of a forest (a crossRef object, MS-ADTS 6.1.1.2.1.1).</summary>
/// <param name="DnsName">dnsRoot.</param>
/// <param name="NetBiosName">nETBIOSName.</param>
public sealed record DomainNames(string DnsName, string NetBiosName);

/// <summary>A trustedDomain object (MS-ADTS 6.1.6.7).</summary>
/// <param name="DnsName">trustPartner.</param>
/// <param name="NetBiosName">flatName.</param>
/// <param name="Kind">trustType; 2 is Active Directory ("uplevel").</param>
/// <param name="Direction">trustDirection: 1 inbound, 2 outbound (they may sign in here), 3 both.</param>
/// <param name="Attributes">trustAttributes (MS-ADTS 6.1.6.7.9).</param>
/// <param name="Information">msDS-TrustForestTrustInfo; null if there is none, or if it could not be read.</param>
/// <param name="Fault">Why <paramref name="Information"/> could not be read; such a trust routes nothing.</param>
public sealed record TrustedDomain(
    string DnsName, string NetBiosName, uint Kind, uint Direction, uint Attributes,
    ImmutableArray<ForestTrustRecord>? Information, ForestTrustFault? Fault = null)
{
    public bool IsUplevel => Kind == 2;

    public bool IsOutbound => (Direction & 2) != 0;

    public bool IsInbound => (Direction & 1) != 0;

    public bool IsTransitive => (Attributes & (WithinForest | ForestTransitive)) != 0 && (Attributes & NonTransitive) == 0;

    public bool IsWithinForest => (Attributes & WithinForest) != 0;

    public bool IsUplevelOnly => (Attributes & UplevelOnly) != 0;

    /// <summary>Only who was allowed to may use it ("selective authentication").</summary>
    public bool IsSelective => (Attributes & CrossOrganization) != 0;

    /// <summary>SIDs of other domains are filtered out.</summary>
    public bool FiltersSids => (Attributes & QuarantinedDomain) != 0
        || ((Attributes & ForestTransitive) != 0 && (Attributes & TreatAsExternal) == 0);

    private const uint NonTransitive = 0x1, UplevelOnly = 0x2, QuarantinedDomain = 0x4, ForestTransitive = 0x8,
        CrossOrganization = 0x10, WithinForest = 0x20, TreatAsExternal = 0x40;
}
