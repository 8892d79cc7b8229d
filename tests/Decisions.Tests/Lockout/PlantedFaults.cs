using System.Collections.Immutable;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

/// <summary>Rules with one fault each. A simulation that passes any of them is worth nothing.</summary>
internal static class PlantedFaults
{
    private static readonly SimulatedRules Right = new();

    public static IReadOnlyDictionary<string, SimulatedRules> All { get; } = new Dictionary<string, SimulatedRules>
    {
        ["nothing is assumed after a crash"] = Right with { Recover = (_, now) => Attendance.Of(LedgerState.Empty, now) },
        ["a ledger that closes forgets an earlier crash"] = Right with { Close = (_, now, _) => new LedgerClosed(now, null) },
        ["nothing is assumed of an account that vanished"] = Right with
        {
            Enter = (attendance, ledger, account, now, policy) =>
                attendance.Leave(account).Enter(ledger, account, now, policy),
        },
        ["the assumed charge is dropped once it has been looked at"] = Right with
        {
            Decide = (state, command, now, policy) => Right.Decide(
                state with { Open = state.Open.RemoveAll(charge => charge.Permit == AssumedPermit) }, command, now, policy),
        },
        ["the open charge is not stored with the next one"] = Deciding((decision, state, _) => state.IsWritten || decision.Facts.Length < 2
            ? decision
            : decision with
            {
                Facts = decision.Facts.RemoveAll(fact => fact is ChargeOpened opened && state.Find(opened.Permit) is not null),
            }),
        ["everything is granted from memory"] = Deciding((decision, _, command) =>
            command is AskPermit ? decision with { MustStore = false } : decision),
        ["a failure is kept in memory"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Failed } ? decision with { MustStore = false } : decision),
        ["an answer does not wait for the journal"] = Right with { AnswersBeforeStored = true },
        ["a retiring account does not store what is open"] = Right with { ForgetsToStoreWhenRetiring = true },
        ["a charge that expires is given back"] = Right with
        {
            Decide = (state, command, now, policy) => Right.Decide(
                state with { Open = state.Open.RemoveAll(charge => charge.ExpiresAt <= now) }, command, now, policy),
        },
        ["a worker binds with an expired permit"] = Right with { BindsLate = true },
        ["a success forgives what failed after its permit was granted"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Succeeded } && decision.Facts.Any(fact => fact is SignInSucceeded)
                ? With(decision, new AccountUnlocked(command.Account, decision.Facts[^1].At))
                : decision),
        ["a success closes the charges of others"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Succeeded } && decision.Facts.Any(fact => fact is SignInSucceeded)
                ? With(decision, [.. decision.Next.Open.Select(charge =>
                    new ChargeRefunded(command.Account, decision.Facts[^1].At, charge.Permit))])
                : decision),
        ["a refund clears the count"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Refunded } && !decision.Facts.IsEmpty
                ? With(decision, new AccountUnlocked(command.Account, decision.Facts[^1].At))
                : decision),
        ["a repeated settlement counts twice"] = Deciding((decision, state, command) =>
            command is SettlePermit { How: Settlement.Failed } told && state.Find(told.Permit) is null && !decision.MustStore
                ? Stored(decision, new ChargeFailed(command.Account, default, told.Permit, null))
                : decision),
        ["one more than the budget"] = Policy(policy => policy with { Budget = policy.Budget + 1 }),
        ["one less than the budget"] = Policy(policy => policy with { Budget = policy.Budget - 1 }),
        ["a lock ends early"] = Policy(policy => policy with { LockTime = policy.LockTime - TimeSpan.FromSeconds(5) }),
        ["a lock that ended gives a new budget"] = Right with
        {
            Decide = (state, command, now, policy) => Right.Decide(
                state.LockedUntil <= now ? state with { Forgiven = state.Failed } : state, command, now, policy),
        },
        ["failures are forgotten after half the time"] = Policy(policy => policy with { FailureMemory = policy.FailureMemory / 2 }),
        ["open charges do not bound the next"] = Right with
        {
            Decide = (state, command, now, policy) => command is AskPermit
                ? Right.Decide(state, command, now, policy with { Budget = policy.Budget + state.Open.Length })
                : Right.Decide(state, command, now, policy),
        },
        ["a snapshot loses the open charges"] = Right with
        {
            Prune = (ledger, _, _) => ledger with
            {
                Entries = ledger.Entries.ToImmutableDictionary(entry => entry.Key, entry => entry.Value with { Open = [] }),
            },
        },
        ["a snapshot loses the failures"] = Right with
        {
            Prune = (ledger, _, _) => ledger with { Entries = ledger.Entries.Clear() },
        },
        ["a snapshot forgets that the ledger is open"] = Right with
        {
            Prune = (ledger, now, policy) => ledger.Pruned(now, policy) with { IsOpen = false },
        },
    };

    /// <summary>Those by which a crash hides a failed bind.</summary>
    public static IReadOnlyList<string> OfCrashes { get; } =
    [
        "nothing is assumed after a crash",
        "nothing is assumed of an account that vanished",
        "the assumed charge is dropped once it has been looked at",
        "the open charge is not stored with the next one",
        "everything is granted from memory",
        "a failure is kept in memory",
        "a retiring account does not store what is open",
    ];

    private static SimulatedRules Deciding(Func<Decision, AccountState, ICommand, Decision> change) => Right with
    {
        Decide = (state, command, now, policy) => change(Right.Decide(state, command, now, policy), state, command),
    };

    private static SimulatedRules Policy(Func<LockoutPolicy, LockoutPolicy> change) => Right with
    {
        Decide = (state, command, now, policy) => Right.Decide(state, command, now, change(policy)),
    };

    private static Decision With(Decision decision, params IFact[] more)
    {
        var next = AccountState.Apply(decision.Next, more);
        return decision with
        {
            Facts = [.. decision.Facts, .. more],
            Next = decision.MustStore ? next with { IsWritten = !next.IsClean } : next,
        };
    }

    private static Decision Stored(Decision decision, IFact fact) => decision with
    {
        Facts = [fact],
        MustStore = true,
        Next = AccountState.Apply(decision.Next, fact) with { IsWritten = true },
    };
}
