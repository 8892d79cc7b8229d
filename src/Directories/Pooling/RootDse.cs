using System.Globalization;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Pooling;

/// <summary>What a directory says of itself (RFC 4512 5.1; MS-ADTS 3.1.1.3.2): the cheapest question that only a working
/// one answers.</summary>
internal static class RootDse
{
    private const string CurrentTimeAttribute = "currentTime";

    public static SearchRequest Request(TimeSpan timeLimit) => new(
        "", SearchScope.Base, LdapFilter.Present("objectClass"), [CurrentTimeAttribute], SizeLimit: 1, timeLimit);

    /// <summary>The directory's clock, to the second; null if it does not tell (it is no Active Directory).</summary>
    public static DateTimeOffset? CurrentTime(SearchReply reply) =>
        reply.Entries is [var entry, ..] && entry.FirstText(CurrentTimeAttribute) is { } text
        && DateTimeOffset.TryParseExact(
            text, "yyyyMMddHHmmss'.0Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
