using Microsoft.Extensions.Logging;
using Passthrough.Audit;
using Passthrough.Decisions.Audit;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator;

/// <summary>The one place that every command passes that changes something, on each node that carries it out: who, what, why, and
/// what came of it.</summary>
internal sealed class OperatorAudit(AuditLog audit, TimeProvider clock, ILogger<OperatorAudit> log)
{
    /// <summary>Told before it is done, since it may end this node, and again when it has ended.</summary>
    public async Task<RanHere> TellAsync(CommandLine line, RunHere run, Func<Task<RanHere>> act)
    {
        var what = WithoutNames(line);
        if (run.Cursor == 0)
        {
            log.Asked(run.By.Name, what, line["reason"]);
            Record(line, run.By, "asked");
        }

        var ran = await act();
        if (ran.Refusal is not null || ran.Step.IsDone)
        {
            // Not the words of a refusal: they may name the account.
            var result = ran.Refusal is { } why ? $"refused: {why}" : "done";
            log.Ended(run.By.Name, what, result);
            Record(line, run.By, result);
        }

        return ran;
    }

    /// <summary>The caller's role does not allow it.</summary>
    public void TellRefused(CommandLine line, OperatorCaller by)
    {
        log.Refused(by.Name, NotAllowed(line.Command, by));
        Record(line, by, $"refused: {OperatorRefusal.NotAllowed}");
    }

    /// <summary>For the operator.</summary>
    public static string NotAllowed(CommandDefinition command, OperatorCaller by) => $"{command.Title} needs the role operate; {by.Name} may read only";

    /// <summary>The account has a place of its own in a record, where it is a pseudonym. The reason is as long as a command's may be,
    /// whatever somebody gave who was refused.</summary>
    private void Record(CommandLine line, OperatorCaller by, string result) => audit.Append(
        new AuditEntry.Act(clock.GetUtcNow(), by.Name, WithoutNames(line), result)
        {
            Account = line["account"] is { Length: > 0 } account ? account : null,
            Reason = string.Concat(line["reason"].EnumerateRunes().Take(LockoutProtocol.MaxReasonBytes)),
        });

    /// <summary>Neither its reason nor its account: what can be erased from records must not stay in the program's log.</summary>
    private static string WithoutNames(CommandLine line) => string.Join(' ', line.Values
        .Where(pair => pair.Key is not ("reason" or "account")).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)
        .Prepend(line.Command.Title));
}
