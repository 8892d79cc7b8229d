using System.Collections.Frozen;

namespace Passthrough.Decisions.Attempts;

/// <summary>What a verdict does to the lockout count.</summary>
public enum Counting
{
    /// <summary>The charge is given back: the password was not wrong, or no bind was sent.</summary>
    Refunds,

    /// <summary>The charge stays as a failure.</summary>
    Counts,

    /// <summary>All failures are cleared.</summary>
    Resets,

    /// <summary>A bind may have been sent: the charge stays until a later success clears it.</summary>
    Provisional,
}

/// <summary>What one who has not proved the password may learn.</summary>
public enum PublicMeaning
{
    SignedIn,

    /// <summary>The one uniform refusal.</summary>
    WrongNameOrPassword,

    /// <summary>No verdict could be had; the same name and password may be tried again.</summary>
    TryAgainLater,
}

/// <summary>One row of the table.</summary>
/// <param name="Windows">System error code (MS-ERREF 2.2), null if none corresponds.</param>
/// <param name="Kerberos">KRB error code (RFC 4120 7.5.9), null if none corresponds.</param>
/// <param name="Aadsts">The Entra number that existing runbooks know it by; an alias, never the contract.</param>
/// <param name="RetryElsewhere">Whether another agent or domain controller may be asked. Never for a wrong password.</param>
public sealed record VerdictRow(
    Verdict Verdict, int? Windows, int? Kerberos, int? Aadsts, Counting Counting, bool RetryElsewhere, PublicMeaning Public);

/// <summary>All that is known of each verdict.</summary>
public static class VerdictTable
{
    public static IReadOnlyList<VerdictRow> Rows { get; } =
    [
        new(Verdict.Success, 0, null, 0, Counting.Resets, false, PublicMeaning.SignedIn),
        Wrong(Verdict.BadPassword, 1326, 24, 50126, Counting.Counts),
        Wrong(Verdict.BadPasswordRepeated, null, null, 50126),
        Wrong(Verdict.UserNotFoundInForest, 1317, 6, 50034),
        Wrong(Verdict.NoRouteForSuffix, null, 68, 90002),
        Wrong(Verdict.AmbiguousRoute, null, null, null),
        Wrong(Verdict.InvalidUsernameFormat, null, null, 80004),
        Wrong(Verdict.PasswordExpired, 1330, 23, 50144),
        Wrong(Verdict.PasswordMustChange, 1907, 23, 50144),
        Wrong(Verdict.AccountDisabled, 1331, 18, 50057),
        Wrong(Verdict.AccountExpired, 1793, 18, 50057),
        Wrong(Verdict.AccountLockedInAd, 1909, 18, 50053),
        Wrong(Verdict.LogonHours, 1328, 18, 80012),
        Wrong(Verdict.WorkstationRestricted, 1329, 12, 80007),
        Wrong(Verdict.AccountRestriction, 1327, 12, 80007),
        Wrong(Verdict.LogonTypeNotGranted, 1385, 12, 80007),
        Later(Verdict.TooManyContexts, 1384, null, 80007),
        Wrong(Verdict.SmartLocked, null, null, 50053),
        Wrong(Verdict.SourceBlocked, null, null, 50053),
        Later(Verdict.NoAgent, null, null, 80001),
        Later(Verdict.NoDomainController, 1355, null, 80001),
        Later(Verdict.DirectoryTimeout, 1460, null, 80002),
        Later(Verdict.DirectoryTimeoutAfterSend, null, null, 80002, Counting.Provisional, retry: false),
        Later(Verdict.DirectoryBusy, null, 29, 80007),
        Later(Verdict.DirectoryRefused, null, null, 80007),
        Later(Verdict.TlsFailure, null, null, 80007),
        Later(Verdict.TrustFailure, 1787, 68, 80007),
        Later(Verdict.TimeSkew, 1398, 37, 80013),
        Later(Verdict.DecryptFailed, null, null, 80010),
        Later(Verdict.KeyNotFound, null, null, 80011),
        Later(Verdict.InvalidAgentResponse, null, null, 80003, Counting.Provisional, retry: false),
        Later(Verdict.AgentDeadlineExceeded, null, null, 80014, Counting.Provisional, retry: false),
        Later(Verdict.ForgedOrReplayedResult, null, null, null, Counting.Provisional, retry: false),
        Later(Verdict.AgentNotAuthorisedForForest, null, null, null),
        Later(Verdict.Overloaded, null, null, 90055),
    ];

    private static readonly FrozenDictionary<Verdict, VerdictRow> ByVerdict = Rows.ToFrozenDictionary(row => row.Verdict);

    public static VerdictRow Row(this Verdict verdict) => ByVerdict[verdict];

    /// <summary>Reads a number from the wire; null if it names no verdict.</summary>
    public static Verdict? Read(int number) => ByVerdict.ContainsKey((Verdict)number) ? (Verdict)number : null;

    private static VerdictRow Wrong(
        Verdict verdict, int? windows, int? kerberos, int? aadsts, Counting counting = Counting.Refunds) =>
        new(verdict, windows, kerberos, aadsts, counting, RetryElsewhere: false, PublicMeaning.WrongNameOrPassword);

    private static VerdictRow Later(
        Verdict verdict, int? windows, int? kerberos, int? aadsts, Counting counting = Counting.Refunds, bool retry = true) =>
        new(verdict, windows, kerberos, aadsts, counting, retry, PublicMeaning.TryAgainLater);
}
