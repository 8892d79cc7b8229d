using System.Text;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Accounts;

/// <summary>How a typed name is asked for in one forest.</summary>
/// <param name="Route">See <see cref="LookupReply.Found"/>.</param>
internal sealed record AccountQuery(LdapFilter Filter, string Route)
{
    public const string ObjectGuid = "objectGUID";

    private const string NormalUserAccount = "805306368";

    /// <summary>One more than one, to know of ambiguity.</summary>
    public const int SizeLimit = 2;

    /// <summary>The query, or the verdict for a name that this forest does not serve. The forms are those that a domain
    /// controller accepts in a bind (MS-ADTS 5.1.1.1.1), so that lookup and bind mean the same: <c>user@suffix</c> is a
    /// userPrincipalName, and with the domain's own DNS or NetBIOS name also sAMAccountName@domain;
    /// <c>NETBIOS\user</c> is a sAMAccountName.</summary>
    public static (AccountQuery? Query, Verdict Refusal) For(TypedName name, ForestOptions forest)
    {
        var isDnsName = name.Suffix.Equals(forest.Name, StringComparison.OrdinalIgnoreCase);
        var isNetBios = forest.NetBiosName.Length > 0
            && name.Suffix.Equals(forest.NetBiosName, StringComparison.OrdinalIgnoreCase);
        var isSuffix = forest.Suffixes.Contains(name.Suffix, StringComparer.OrdinalIgnoreCase);
        LdapFilter upn = LdapFilter.Equal("userPrincipalName", $"{name.User}@{name.Suffix}");
        LdapFilter sam = LdapFilter.Equal("sAMAccountName", name.User);
        return name.Form switch
        {
            NameForm.UserPrincipalName when isDnsName => (People(LdapFilter.Any(upn, sam), "dns-name"), default),
            NameForm.UserPrincipalName when isNetBios => (People(LdapFilter.Any(upn, sam), "netbios-name"), default),
            NameForm.UserPrincipalName when isSuffix => (People(upn, "upn-suffix"), default),
            NameForm.DownLevel when isNetBios => (People(sam, "netbios-name"), default),
            NameForm.Bare => (null, Verdict.InvalidUsernameFormat),
            _ => (null, Verdict.NoRouteForSuffix),
        };
    }

    /// <summary>The name of the domain's naming context: <c>DC=corp,DC=example</c> (RFC 2247).</summary>
    public static string BaseOf(string dnsName) =>
        new StringBuilder("DC=").AppendJoin(",DC=", dnsName.Split('.')).ToString();

    /// <summary>Reads what the query brought: one account with an identity, or why not.</summary>
    public static LookupReply Read(SearchReply reply, string domainController, string route)
    {
        if (reply.Entries.Count > 1)
        {
            return new LookupReply.NotFound(Verdict.AmbiguousRoute);
        }

        if (reply.Result.Code is not (LdapResult.Success or LdapResult.SizeLimitExceeded))
        {
            return new LookupReply.NoVerdict(reply.Result.Code is 3 or 11 or 51 or 52
                ? Verdict.DirectoryBusy
                : Verdict.DirectoryRefused);
        }

        if (reply.Entries.Count == 0)
        {
            return new LookupReply.NotFound(Verdict.UserNotFoundInForest);
        }

        var entry = reply.Entries[0];
        return entry.First(ObjectGuid) is { Length: 16 } guid && entry.DistinguishedName.Length > 0
            // The directory stores it as Windows does, little-endian (MS-DTYP 2.3.4.2).
            ? new LookupReply.Found(
                new DirectoryAccount(new Guid(guid, bigEndian: false), entry.DistinguishedName, domainController), route)
            : new LookupReply.NoVerdict(Verdict.DirectoryRefused);
    }

    // People only: not computers, groups, nor the accounts of trusts. Indexed.
    private static AccountQuery People(LdapFilter filter, string route) =>
        new(LdapFilter.All(LdapFilter.Equal("sAMAccountType", NormalUserAccount), filter), route);
}
