using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Operator;

/// <summary>Why somebody cannot sign in, in one line for the operator who was called.</summary>
public static class Hindrance
{
    /// <param name="last">How the last attempt ended that signed nobody in; null: none is remembered.</param>
    /// <param name="at">When that was, as it is shown.</param>
    public static string Of(AccountStanding standing, Verdict? last, string at)
    {
        var (strangers, own) = (standing.Classes[0], standing.Classes[1]);
        return (strangers.LockedUntil, own.LockedUntil, last) switch
        {
            ({ } until, { } other, _) => $"locked from everywhere until {(until > other ? until : other):u}, by {strangers.Failures + own.Failures} failures: account unlock ends it",
            ({ } until, null, _) => $"locked from unfamiliar sources until {until:u}, by {strangers.Failures} failures there; signs in from familiar ones: account unlock ends it",
            (null, { } until, _) => $"locked from familiar sources until {until:u}, by {own.Failures} failures there: a device keeps an old password? account unlock ends it",
            (_, _, { } verdict) => $"{Of(verdict)} (the last attempt that failed, at {at})",
            _ when strangers.Failures + own.Failures > 0 => $"nothing now: {strangers.Failures + own.Failures} failures are remembered, and permits are left",
            _ => "nothing that is known here: see route, dc list and agents list",
        };
    }

    private static string Of(Verdict last) => last switch
    {
        Verdict.BadPassword or Verdict.BadPasswordRepeated => "the password was wrong; it is not locked",
        Verdict.PasswordExpired or Verdict.PasswordMustChange => "the password was right, but must be changed in the directory first",
        Verdict.AccountDisabled => "the account is disabled in the directory",
        Verdict.AccountExpired => "the account has expired in the directory",
        Verdict.AccountLockedInAd => "the directory itself has locked the account: unlock it there",
        Verdict.LogonHours => "the directory does not allow sign-ins at this hour",
        Verdict.SmartLocked => "it was locked, and is not any more",
        _ when last.Row().Public == PublicMeaning.TryAgainLater => $"no domain controller gave a verdict ({last}): see dc list",
        _ => $"the last attempt ended with {last}",
    };
}
