using System.Globalization;

namespace Passthrough.Decisions.Attempts;

/// <summary>What a directory's answer to a simple bind means. Only numbers decide: the LDAP result code (RFC 4511 A.1) and,
/// with invalidCredentials, the Windows error that Active Directory adds in hexadecimal as <c>data 52e</c>
/// (MS-ADTS 3.1.1.3.1.9). The words around them differ between builds and languages and are not looked at.</summary>
public static class BindResultReader
{
    /// <summary>The bind succeeded.</summary>
    public const int Success = 0;

    /// <summary>The only result code that is an opinion about the password: final, never asked again elsewhere.</summary>
    public const int InvalidCredentials = 49;

    /// <summary>The verdict of an answered bind.</summary>
    /// <param name="resultCode">resultCode of the BindResponse.</param>
    /// <param name="dataCode">What <see cref="DataCode"/> found in its diagnostic message; null for a directory that gives
    /// none. A number that is not known here counts as a wrong password: a guess must not become free because a directory
    /// calls it by another name.</param>
    public static Verdict Read(int resultCode, int? dataCode) => resultCode switch
    {
        Success => Verdict.Success,
        InvalidCredentials => ReadDataCode(dataCode),
        // timeLimitExceeded: the directory gave up under way, so it may have counted.
        3 => Verdict.DirectoryTimeoutAfterSend,
        // adminLimitExceeded, busy, unavailable.
        11 or 51 or 52 => Verdict.DirectoryBusy,
        // operationsError, strongerAuthRequired, unwillingToPerform, and whatever else a bind should not be answered with.
        _ => Verdict.DirectoryRefused,
    };

    /// <summary>The number after <c>, data </c> in a diagnostic message, or null if there is none of one to eight
    /// hexadecimal digits that ends at a comma, a NUL or the end.</summary>
    public static int? DataCode(ReadOnlySpan<char> diagnosticMessage)
    {
        const string mark = ", data ";
        var start = diagnosticMessage.IndexOf(mark, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var digits = diagnosticMessage[(start + mark.Length)..];
        var end = digits.IndexOfAny(',', '\0');
        digits = end < 0 ? digits : digits[..end];
        return digits.Length is > 0 and <= 8
            && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                ? unchecked((int)code)
                : null;
    }

    private static Verdict ReadDataCode(int? dataCode) => dataCode switch
    {
        0x51f or 0x54b => Verdict.NoDomainController, // ERROR_NO_LOGON_SERVERS, ERROR_NO_SUCH_DOMAIN
        0x525 => Verdict.UserNotFoundInForest,
        0x52e => Verdict.BadPassword,
        0x52f => Verdict.AccountRestriction,
        0x530 => Verdict.LogonHours,
        0x531 => Verdict.WorkstationRestricted,
        0x532 => Verdict.PasswordExpired,
        0x533 => Verdict.AccountDisabled,
        0x568 => Verdict.TooManyContexts,
        0x569 or 0x78f => Verdict.LogonTypeNotGranted, // the second: selective authentication of a trust
        0x576 => Verdict.TimeSkew,
        0x5b4 => Verdict.DirectoryTimeoutAfterSend, // ERROR_TIMEOUT: this bind was sent, whatever the directory did then
        >= 0x6fa and <= 0x6fd => Verdict.TrustFailure,
        0x701 => Verdict.AccountExpired,
        0x773 => Verdict.PasswordMustChange,
        0x775 => Verdict.AccountLockedInAd,
        _ => Verdict.BadPassword,
    };
}
