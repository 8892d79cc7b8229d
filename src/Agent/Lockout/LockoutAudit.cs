using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>The audit trail of the lockout: each fact as one line of the log with its own event id, and with who, where from and
/// by which agent. docs/LOCKOUT.md lists them.</summary>
internal static class LockoutAudit
{
    /// <param name="before">What the account was before this fact and the others of the same decision.</param>
    public static void Tell(ILogger log, AccountState before, IFact fact)
    {
        switch (fact)
        {
            case ChargeOpened e:
                log.Charged(e.Account, e.Permit, e.Attempt, e.Class, e.Source, e.Agent);
                break;
            case ChargeFailed e:
                var (source, agent) = Of(before[e.Class].Find(e.Permit));
                log.Failed(e.Account, e.Permit, e.Class, source, agent);
                if (e.LockedUntil is { } until)
                {
                    LockoutMeters.Locked(e.Class);
                    log.Locked(e.Account, e.Class, until, source, agent);
                }

                break;
            case SignInSucceeded e when before[e.Class].Failures > 0:
                (source, agent) = Of(before[e.Class].Find(e.Permit));
                log.Cleared(e.Account, e.Class, source, agent);
                break;
            case FailuresForgotten e:
                log.Forgotten(e.Account, e.Class);
                break;
            case AccountUnlocked e:
                LockoutMeters.Unlocked();
                log.Unlocked(e.Account, e.By, e.Reason);
                break;
            case SourceRemembered e:
                log.SourceRemembered(e.Account, e.Fingerprint);
                break;
        }
    }

    /// <summary>Of the charge that is assumed after a crash nothing is known.</summary>
    private static (ClientSource Source, string Agent) Of(Charge? charge) =>
        charge is { Permit: not AssumedPermit } ? (charge.Source, charge.Agent) : (ClientSource.Nowhere, "unknown");
}
