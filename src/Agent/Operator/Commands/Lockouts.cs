using System.Collections.Immutable;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Accounts that failed, as the ledgers of this node have them.</summary>
internal sealed class Lockouts(LocalLedgers ledgers, LockoutPolicies policies, TimeProvider clock)
{
    public static readonly ImmutableArray<ColumnDefinition> Columns =
    [
        new("account", "account"), new("sources", "sources"), new("failures", "failures", ColumnKind.Number), new("left", "left", ColumnKind.Number),
        new("lockedUntil", "locked until (UTC)"), new("lastFailed", "last failed (UTC)"),
    ];

    public static readonly ArgumentDefinition Forest = new("forest", "Of this forest only.") { Switches = ["-f", "--forest"] };

    public static readonly ArgumentDefinition Limit = new("limit", "Of each node, so many at most.")
    {
        Switches = ["-l", "--limit"],
        Kind = ArgumentKind.Number,
        Default = "50",
        Least = 1,
        Most = 300,
    };

    public async Task<CommandStep> FindAsync(CommandCall call, bool isLockedOnly, CancellationToken deadline)
    {
        var (now, forest) = (clock.GetUtcNow(), call.Line["forest"]);
        var all = from ledger in await ledgers.AskAsync(deadline)
                  from entry in ledger.Trouble.State.Entries
                  where forest.Length == 0 || entry.Key.Forest.Equals(forest, StringComparison.OrdinalIgnoreCase)
                  from of in Stand(entry.Key, entry.Value, ledger.Trouble.IsVolatile, now)
                  where isLockedOnly ? of.Standing.LockedUntil is not null : of.Standing.Failures + of.Standing.Open > 0
                  orderby of.Standing.Failures descending
                  select (entry.Key, of.Sources, of.Standing);
        var found = all.ToList();
        var limit = (int)call.Line.Number("limit");
        return CommandStep.Of(found.Take(limit).Select(each => new[]
        {
            each.Key.ToString(), each.Sources, Plain.Number(each.Standing.Failures), Plain.Number(each.Standing.Left),
            Plain.Time(each.Standing.LockedUntil), Plain.Time(each.Standing.LastFailedAt),
        })) with
        {
            Note = found.Count > limit ? $"{found.Count - limit} more are not shown: see --limit" : "",
        };
    }

    private IEnumerable<(string Sources, ClassStanding Standing)> Stand(AccountKey account, AccountState state, bool isVolatile, DateTimeOffset now)
    {
        var standing = AccountStanding.Of(state, account, now, isVolatile ? policies.Now.Halved() : policies.Now);
        return [("unfamiliar", standing.Classes[0]), ("familiar", standing.Classes[1])];
    }
}
