using System.Text;
using Passthrough.Directories.Location;

namespace Passthrough.Directories;

/// <summary>Finds every fault of a forest's options at once.</summary>
public static class ForestOptionsCheck
{
    private const int MaxDnsName = 255, MaxNetBiosName = 15, MaxAlternateIds = 8, MaxAttributeName = 64;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>One line per fault, each beginning with the option's path; empty if there is none. Looks at no file.</summary>
    /// <param name="path">Where the options stand, as <c>Forests:0</c>.</param>
    public static IReadOnlyList<string> Faults(ForestOptions options, string path)
    {
        var faults = new List<string>();
        Require(IsDnsName(options.Name), nameof(options.Name), "must be the forest's DNS name, as corp.example");
        Require(options.NetBiosName.Length <= MaxNetBiosName && !options.NetBiosName.Any(c => c is '\\' or '@' or '.' or ' '),
            nameof(options.NetBiosName), "must be a NetBIOS domain name of up to 15 characters, or empty");
        Require(options.Suffixes.All(IsDnsName), nameof(options.Suffixes), "must be DNS names, as contoso.com");
        Require(options.AlternateIdAttributes.Count <= MaxAlternateIds && options.AlternateIdAttributes.All(IsAttributeName),
            nameof(options.AlternateIdAttributes), $"must be up to {MaxAlternateIds} names of attributes, as mail");
        Require(options.ServiceAccount.Contains('@', StringComparison.Ordinal) || options.ServiceAccount.Contains('=', StringComparison.Ordinal),
            nameof(options.ServiceAccount), "must be a userPrincipalName (name@suffix) or a distinguished name");
        Require(options.ServiceAccountPasswordFile.Length > 0, nameof(options.ServiceAccountPasswordFile), "is missing");
        Require(options.TrustedCaFile.Length > 0 || options.LabOnlyPlainLdap, nameof(options.TrustedCaFile),
            "is missing: a PEM file of the CA that issued the domain controllers' certificates");
        Require(options.DomainControllers.All(each => DirectoryAddress.TryParse(each, DirectoryAddress.LdapsPort) is not null),
            nameof(options.DomainControllers), "must be host or host:port");
        Require(options.Site.Length == 0 || IsSiteName(options.Site), nameof(options.Site),
            "must be a site's name: up to 63 letters, digits, hyphens and underscores");
        Require(options.ConnectionsPerDomainController is >= 1 and <= 256,
            nameof(options.ConnectionsPerDomainController), "must be 1 to 256");
        RequireTime(options.ConnectTimeout, 30, nameof(options.ConnectTimeout));
        RequireTime(options.BindTimeout, 60, nameof(options.BindTimeout));
        RequireTime(options.SearchTimeout, 60, nameof(options.SearchTimeout));
        return faults;

        void Require(bool isMet, string option, string demand)
        {
            if (!isMet)
            {
                faults.Add($"{path}:{option} {demand}");
            }
        }

        void RequireTime(TimeSpan value, int longestSeconds, string option) => Require(
            value >= Shortest && value <= TimeSpan.FromSeconds(longestSeconds), option, $"must be 100 ms to {longestSeconds} s");
    }

    // RFC 4512 1.4 (keystring), without options; an OID would do too, but nobody could read it.
    private static bool IsAttributeName(string name) =>
        name.Length is > 0 and <= MaxAttributeName && char.IsAsciiLetter(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>A site's name is a label in DNS (MS-ADTS 6.1.1.2.2.1).</summary>
    internal static bool IsSiteName(string name) =>
        name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    // Letters beyond ASCII included: a UPN suffix may have them.
    private static bool IsDnsName(string name) =>
        name.Length is > 0 and <= MaxDnsName
        && name.Split('.').All(label => label.Length is > 0 and <= 63
            && label.EnumerateRunes().All(rune => Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_'));
}
