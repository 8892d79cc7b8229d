using System.Globalization;
using System.Text;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Accounts;

/// <summary>How a typed name is asked for in one forest. What is asked for in both places is one account or ambiguous.</summary>
/// <param name="Domain">DNS name of the domain that is asked; null: none is.</param>
/// <param name="InForest">What a global catalog is asked; null: none is.</param>
/// <param name="Route">See <see cref="LookupReply.Found"/>.</param>
internal sealed record LookupPlan(string? Domain, LdapFilter? InDomain, LdapFilter? InForest, string Route);

/// <summary>Questions for accounts, and how answers are read.</summary>
internal static class AccountQuery
{
    private const string NormalUserAccount = "805306368";
    private const string ObjectGuid = "objectGUID", PasswordLastSet = "pwdLastSet", ProxyAddresses = "proxyAddresses";

    /// <summary>One more than one, to know of ambiguity.</summary>
    public const int SizeLimit = 2;

    /// <summary>What <see cref="Read"/> reads.</summary>
    public static readonly IReadOnlyList<string> Attributes = [ObjectGuid, PasswordLastSet];

    /// <summary>How to ask for a name; null: this forest has no such suffix. The forms are those that a domain controller accepts
    /// in a bind (MS-ADTS 5.1.1.1.1), so that lookup and bind mean the same: <c>user@suffix</c> is a userPrincipalName of an
    /// account in any domain, and with a domain's own DNS or NetBIOS name also sAMAccountName@domain; <c>NETBIOS\user</c> is a
    /// sAMAccountName of that domain; a bare name, which a controller does not accept, is one in any domain. With alternate IDs
    /// <c>user@suffix</c> may also be one of those, whatever the suffix. Where the forest has one domain, that is asked for
    /// all.</summary>
    public static LookupPlan? For(TypedName name, AcceptedNames names, IList<string> alternateIds)
    {
        var meaning = names.Find(name.Suffix);
        var isPrincipal = name.Form == NameForm.UserPrincipalName;
        var text = $"{name.User}@{name.Suffix}";
        var account = LdapFilter.Equal("sAMAccountName", name.User);
        List<LdapFilter> anywhere = [];
        if (name.Form == NameForm.Bare)
        {
            anywhere.Add(account);
        }

        if (isPrincipal && meaning.Kind != SuffixKind.Foreign)
        {
            anywhere.Add(LdapFilter.Equal("userPrincipalName", text));
        }

        if (isPrincipal)
        {
            anywhere.AddRange(alternateIds.Select(attribute => AlternateId(attribute, text)));
        }

        var hasDomain = meaning.Kind == SuffixKind.NetBiosName || (isPrincipal && meaning.Kind == SuffixKind.DnsName);
        var route = name.Form == NameForm.Bare ? "bare-name" : RouteOf(meaning.Kind);
        LdapFilter[] inDomain = hasDomain ? [.. anywhere, account] : [.. anywhere];
        return inDomain.Length == 0 ? null
            : names.Domains.Length == 1 ? new LookupPlan(names.RootDomain, People(inDomain), null, route)
            : new LookupPlan(
                hasDomain ? meaning.Domain : null, hasDomain ? People(inDomain) : null, anywhere.Count > 0 ? People([.. anywhere]) : null, route);
    }

    /// <summary>The query for an account that is known.</summary>
    public static LdapFilter For(Guid objectGuid) => People(LdapFilter.Equal(ObjectGuid, objectGuid.ToByteArray(bigEndian: false)));

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
                new DirectoryAccount(
                    new Guid(guid, bigEndian: false), entry.DistinguishedName, domainController, PasswordSetAt(entry)), route)
            : new LookupReply.NoVerdict(Verdict.DirectoryRefused);
    }

    private static string RouteOf(SuffixKind kind) => kind switch
    {
        SuffixKind.DnsName => "dns-name",
        SuffixKind.NetBiosName => "netbios-name",
        SuffixKind.UpnSuffix => "upn-suffix",
        _ => "alternate-id",
    };

    private static long PasswordSetAt(SearchEntry entry) =>
        long.TryParse(entry.FirstText(PasswordLastSet), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time)
            ? time : 0;

    // Values of proxyAddresses begin with the kind of address; SMTP marks the primary one, and the directory compares without
    // case (MS-ADA3 2.164).
    private static LdapFilter AlternateId(string attribute, string text) => LdapFilter.Equal(
        attribute, attribute.Equals(ProxyAddresses, StringComparison.OrdinalIgnoreCase) ? "smtp:" + text : text);

    // People only: not computers, groups, nor the accounts of trusts. Indexed.
    private static LdapFilter People(params LdapFilter[] any) =>
        LdapFilter.All(LdapFilter.Equal("sAMAccountType", NormalUserAccount), LdapFilter.Any(any));
}
