using Akka.Actor;
using Akka.Cluster.Sharding;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Operator;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Why can alice not sign in?</summary>
internal sealed class AccountShow(ActorSystem system, AccountNames names, NodeCalls nodes, LockoutPolicies policies, Escrow? escrow = null) : OperatorCommand(
    new("account", "show", OperatorRole.Read, "Why somebody cannot sign in: locks, permits that are left, what is open, and where the account lives.",
    [
        new("account", "account"), new("why", "why"), new("home", "home node"), new("sources", "sources"), new("failures", "failures", ColumnKind.Number),
        new("budget", "budget", ColumnKind.Number), new("left", "permits left", ColumnKind.Number), new("open", "permits out", ColumnKind.Number),
        new("slots", "slots taken", ColumnKind.Number), new("lockedUntil", "locked until"), new("locks", "locks in a row", ColumnKind.Number),
        new("lastFailed", "last failed"), new("heldBack", "held back"), new("notice", "notice"), new("familiar", "familiar", ColumnKind.Number),
    ])
    {
        Arguments = [AccountArgument.Definition],
        Layout = RowLayout.Record,
    })
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var account = await names.FindAsync(call.Line[AccountArgument.Definition.Name], deadline);
        var region = ClusterSharding.Get(system).ShardRegion(LockoutShards.TypeName);
        var standing = await region.Ask<Standing>(new AskStanding(account), deadline);
        var (at, verdict) = await LastFailureAsync(account, call.By, deadline);
        var why = Hindrance.Of(standing.Account, verdict, at);
        return CommandStep.Of([
            [
                account.ToString(), why, standing.Node, .. Class("unfamiliar", standing.Account.Classes[0]),
                escrow is null ? "" : $"{policies.Now.HeldBack()} of the budget, as slots in the database", standing.Notice, Plain.Number(standing.Account.Sources),
            ],
            // What is said of the account is said once.
            [account.ToString(), "", "", .. Class("familiar", standing.Account.Classes[1]), "", "", ""],
        ]) with
        {
            Note = "Its last attempts, of all nodes: account failures",
        };
    }

    /// <summary>Of all nodes; one that does not answer keeps nobody waiting for long.</summary>
    private async Task<(string At, Verdict? Verdict)> LastFailureAsync(AccountKey account, OperatorCaller by, CancellationToken deadline)
    {
        var ask = new RunHere(["account", "failures", account.ToString(), "-l", "1"], by, 0);
        var heard = await Task.WhenAll(nodes.Members.Select(address => nodes.AskAsync(address, ask, Patience, deadline)));
        return heard.SelectMany(ran => ran?.Step.Rows ?? []).Where(row => row.Length > 1).OrderBy(row => row[0], StringComparer.Ordinal)
            .Select(row => (row[0], Enum.TryParse<Verdict>(row[1], out var verdict) ? verdict : (Verdict?)null)).LastOrDefault();
    }

    private static string[] Class(string sources, ClassStanding of) =>
    [
        sources, Plain.Number(of.Failures), Plain.Number(of.Budget), Plain.Number(of.Left), Plain.Number(of.Open),
        Plain.Number(of.WithSlot), Plain.Time(of.LockedUntil), Plain.Number(of.Locks), Plain.Time(of.LastFailedAt),
    ];
}
