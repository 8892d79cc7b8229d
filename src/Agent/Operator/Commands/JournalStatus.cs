using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Whether failures are stored.</summary>
internal sealed class JournalStatus(LocalLedgers ledgers, JournalHealth health, MemoryGrants grants, AgentOptions options) : OperatorCommand(
    new("journal", "status", OperatorRole.Read,
        "Whether failures are stored on each node, or counted in memory because the journal is down; how many writers it has, and whether its lease holds.",
        [
            new("state", "state"), new("provider", "provider"), new("ledgers", "ledgers", ColumnKind.Number), new("volatile", "in memory only", ColumnKind.Number),
            new("lag", "facts not stored", ColumnKind.Number), new("accounts", "accounts in it", ColumnKind.Number), new("lease", "lease"),
            new("journal", "journal"),
        ])
    {
        IsForEveryNode = true,
        Layout = RowLayout.Record,
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var known = await ledgers.AskAsync(deadline);
        return CommandStep.Of([
        [
            health.Reason.Length > 0 ? health.Reason : health.IsPrepared ? "ok" : "the database was not there at the start", options.Journal.Provider.ToString(),
            Plain.Number(known.Length), Plain.Number(known.Count(each => each.Trouble.IsVolatile)), Plain.Number(known.Sum(each => each.Trouble.Unstored)),
            Plain.Number(known.Sum(each => each.Trouble.State.Entries.Count)),
            grants.Allowed ? "held: permits are granted from memory" : "over: every permit is written before it is granted", $"{health.Identity}",
        ]]);
    }
}
