using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.Sealing;

namespace Passthrough.Agent.Attempts;

internal static partial class AttemptsLog
{
    [LoggerMessage(2400, LogLevel.Debug, "Attempt {Attempt} of account {Account}: {Verdict} from {DomainController} in {ElapsedMs} ms")]
    public static partial void Answered(
        this ILogger log, AttemptId attempt, string account, Verdict verdict, string domainController, double elapsedMs);

    [LoggerMessage(2401, LogLevel.Warning, "Attempt {Attempt} of account {Account} had no verdict: {Verdict} from {DomainController} in {ElapsedMs} ms")]
    public static partial void NoVerdict(
        this ILogger log, AttemptId attempt, string account, Verdict verdict, string domainController, double elapsedMs);

    [LoggerMessage(2402, LogLevel.Information, "Attempt {Attempt} was handed back without a bind: {Reason} after {ElapsedMs} ms")]
    public static partial void HandedBack(this ILogger log, AttemptId attempt, HandBackReason reason, double elapsedMs);

    [LoggerMessage(2403, LogLevel.Warning, "An attempt could not be unsealed: {Fault}")]
    public static partial void NotUnsealed(this ILogger log, UnwrapFault fault);

    [LoggerMessage(2404, LogLevel.Error, "Attempt {Attempt} failed in this program after {ElapsedMs} ms")]
    public static partial void Failed(this ILogger log, Exception fault, AttemptId attempt, double elapsedMs);

    [LoggerMessage(2405, LogLevel.Warning, "The charge of attempt {Attempt} for account {Account} was not settled in time")]
    public static partial void NotSettled(this ILogger log, AttemptId attempt, string account);

    [LoggerMessage(2406, LogLevel.Error, "A name could not be searched in forest {Forest}: this program failed")]
    public static partial void SearchFailed(this ILogger log, Exception fault, string forest);

    [LoggerMessage(2407, LogLevel.Information, "Attempt {Attempt} was handed to {Peer}, which reaches its forest: {Reply} after {ElapsedMs} ms")]
    public static partial void HandedOver(this ILogger log, AttemptId attempt, string peer, double elapsedMs, string reply);

    /// <param name="account">Null: it was not looked up, or the directory could not say.</param>
    public static void Ended(this ILogger log, AttemptId attempt, AccountKey? account, AttemptEnding ending, AttemptDetail detail)
    {
        var name = account?.ToString() ?? "unknown";
        var elapsed = detail.Elapsed.TotalMilliseconds;
        switch (ending)
        {
            case AttemptEnding.Answered answered when answered.Verdict.Row().Public == PublicMeaning.TryAgainLater:
                log.NoVerdict(attempt, name, answered.Verdict, detail.DomainController, elapsed);
                break;
            case AttemptEnding.Answered answered:
                log.Answered(attempt, name, answered.Verdict, detail.DomainController, elapsed);
                break;
            case AttemptEnding.HandedBack back:
                log.HandedBack(attempt, back.Reason, elapsed);
                break;
        }
    }
}
