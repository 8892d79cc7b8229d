using System.Collections.Immutable;
using System.Globalization;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Location;

/// <summary>The two searches that say which names belong to a forest and to those it trusts, and how their entries are read.</summary>
internal static class ForestNamesQuery
{
    private const uint DomainPartition = 0x2; // systemFlags of a crossRef (MS-ADTS 6.1.1.2.1.1.2).

    /// <summary>crossRef objects (MS-ADTS 6.1.1.2.1.1) and the container's uPNSuffixes.</summary>
    public static SearchRequest Partitions(string baseName, TimeSpan timeLimit) => new(
        $"CN=Partitions,CN=Configuration,{baseName}", SearchScope.Subtree, LdapFilter.Present("objectClass"),
        ["dnsRoot", "nETBIOSName", "systemFlags", "uPNSuffixes"], LdapLimits.MaxEntries, timeLimit);

    /// <summary>trustedDomain objects (MS-ADTS 6.1.6.7).</summary>
    public static SearchRequest Trusts(string baseName, TimeSpan timeLimit) => new(
        $"CN=System,{baseName}", SearchScope.OneLevel, LdapFilter.Equal("objectClass", "trustedDomain"),
        ["trustPartner", "flatName", "trustType", "trustDirection", "trustAttributes", "msDS-TrustForestTrustInfo"],
        LdapLimits.MaxEntries, timeLimit);

    /// <summary>Names that are neither DNS nor NetBIOS names are left out: nobody could type them.</summary>
    /// <param name="forest">DNS name of the forest.</param>
    public static ForestNames Read(string forest, SearchReply partitions, SearchReply trusts) => new(
        NameSuffix.Normalise(forest)!,
        [.. partitions.Entries.Where(entry => (Number(entry, "systemFlags") & DomainPartition) != 0).Select(ReadDomain).OfType<DomainNames>()],
        [.. partitions.Entries.SelectMany(entry => entry.AllText("uPNSuffixes")).Select(NameSuffix.Normalise).OfType<string>().Distinct()],
        [.. trusts.Entries.Select(ReadTrust).OfType<TrustedDomain>()]);

    private static DomainNames? ReadDomain(SearchEntry entry) =>
        Name(entry, "dnsRoot") is { } dnsName && Name(entry, "nETBIOSName") is { } netBiosName ? new DomainNames(dnsName, netBiosName) : null;

    private static TrustedDomain? ReadTrust(SearchEntry entry)
    {
        if (Name(entry, "trustPartner") is not { } dnsName)
        {
            return null;
        }

        ImmutableArray<ForestTrustRecord>? records = null;
        ForestTrustFault? fault = null;
        if (entry.First("msDS-TrustForestTrustInfo") is { } blob)
        {
            records = ForestTrustInformation.TryParse(blob, out fault);
        }

        return new TrustedDomain(
            dnsName, Name(entry, "flatName") ?? "", Number(entry, "trustType"), Number(entry, "trustDirection"),
            Number(entry, "trustAttributes"), records, fault);
    }

    private static string? Name(SearchEntry entry, string attribute) =>
        entry.FirstText(attribute) is { } text ? NameSuffix.Normalise(text) : null;

    // Numbers of 32 bits are told with a sign (MS-ADTS 3.1.1.2.2.2).
    private static uint Number(SearchEntry entry, string attribute) =>
        int.TryParse(entry.FirstText(attribute), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? unchecked((uint)number)
            : 0;
}
