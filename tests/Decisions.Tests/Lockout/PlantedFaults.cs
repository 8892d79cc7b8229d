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
            Decide = (state, command, now, policy, slots) => Right.Decide(
                Each(state, of => of with { Open = of.Open.RemoveAll(charge => charge.Permit == AssumedPermit) }), command, now, policy, slots),
        },
        ["the open charge is not stored with the next one"] = Deciding((decision, state, _) => decision with
        {
            ToStore = decision.ToStore.RemoveAll(fact => fact is ChargeOpened opened && state[opened.Class].Find(opened.Permit) is not null),
        }),
        ["everything is granted from memory"] = Deciding((decision, _, command) =>
            command is AskPermit ? decision with { ToStore = [], MustStore = false } : decision),
        ["a failure is kept in memory"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Failed } ? decision with { ToStore = [], MustStore = false } : decision),
        ["an answer does not wait for the journal"] = Right with { AnswersBeforeStored = true },
        ["a retiring account does not store what is open"] = Right with { ForgetsToStoreWhenRetiring = true },
        ["a charge that expires is given back"] = Right with
        {
            Decide = (state, command, now, policy, slots) => Right.Decide(
                Each(state, of => of with { Open = of.Open.RemoveAll(charge => charge.ExpiresAt <= now) }), command, now, policy, slots),
        },
        ["a slot is freed that was taken for the same permit later"] = Right with { FreesWhatIsTakenLater = true },
        ["what was counted is granted to whoever asks again"] = Right with
        {
            Decide = (state, command, now, policy, slots) => Right.Decide(
                state, command is AskPermit ask && state.ClassOf(ask.Permit) is { } of ? ask with { Attempt = state[of].Find(ask.Permit)!.Attempt } : command,
                now, policy, slots),
        },
        ["a worker binds with an expired permit"] = Right with { BindsLate = true },
        ["a success forgives what failed after its permit was granted"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Succeeded } && decision.Facts.Any(fact => fact is SignInSucceeded)
                ? With(decision, Forgotten(command, decision, Of(decision)))
                : decision),
        ["a success closes the charges of others"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Succeeded } && decision.Facts.Any(fact => fact is SignInSucceeded)
                ? With(decision, [.. decision.Next[Of(decision)].Open.Select(charge =>
                    new ChargeRefunded(command.Account, decision.Facts[^1].At, charge.Permit, Of(decision)))])
                : decision),
        ["a refund clears the count"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Refunded } && !decision.Facts.IsEmpty
                ? With(decision, Forgotten(command, decision, Of(decision)))
                : decision),
        ["a repeated settlement counts twice"] = Deciding((decision, state, command) =>
            command is SettlePermit { How: Settlement.Failed } told && state.ClassOf(told.Permit) is null && !decision.MustStore
                ? With(decision with { MustStore = true }, new ChargeFailed(command.Account, default, told.Permit, null, SourceClass.Unfamiliar))
                : decision),
        ["one more than the budget"] = Policy(policy => policy with { Budget = policy.Budget + 1 }),
        ["one less than the budget"] = Policy(policy => policy with { Budget = policy.Budget - 1 }),
        ["a lock ends early"] = Policy(policy => policy with { LockTime = policy.LockTime - TimeSpan.FromSeconds(5) }),
        ["a lock that ended gives a new budget"] = Right with
        {
            Decide = (state, command, now, policy, slots) => Right.Decide(
                Each(state, of => of.LockedUntil <= now ? of with { Forgiven = of.Failed } : of), command, now, policy, slots),
        },
        ["failures are forgotten after half the time"] = Policy(policy => policy with { FailureMemory = policy.FailureMemory / 2 }),
        ["open charges do not bound the next"] = Right with
        {
            Decide = (state, command, now, policy, slots) => command is AskPermit
                ? Right.Decide(state, command, now, policy with
                {
                    Budget = policy.Budget + state[state.ClassOf(((AskPermit)command).Source, now, policy)].Open.Length,
                }, slots)
                : Right.Decide(state, command, now, policy, slots),
        },
        ["a snapshot loses the open charges"] = Right with
        {
            Prune = (ledger, _, _) => ledger with
            {
                Entries = ledger.Entries.ToImmutableDictionary(entry => entry.Key, entry => Each(entry.Value, of => of with { Open = [] })),
            },
        },
        ["a snapshot loses the failures"] = Right with
        {
            Prune = (ledger, _, _) => ledger with { Entries = ledger.Entries.Clear() },
        },
        ["a success clears the other class too"] = Deciding((decision, _, command) =>
            command is SettlePermit { How: Settlement.Succeeded } && decision.Facts.Any(fact => fact is SignInSucceeded)
                ? With(decision, Forgotten(command, decision, Other(Of(decision))))
                : decision),
        ["all sources have one count"] = Right with
        {
            Decide = (state, command, now, policy, slots) =>
            {
                var decision = Right.Decide(command is AskPermit ? state with { Sources = [] } : state, command, now, policy, slots);
                return command is AskPermit ? decision with { Next = decision.Next with { Sources = state.Sources } } : decision;
            },
        },
        ["every source is familiar"] = Right with
        {
            Decide = (state, command, now, policy, slots) => Right.Decide(
                command is AskPermit ask
                    ? state with { Sources = [.. ask.Source.Fingerprints().Select(print => new FamiliarSource(print, now))] }
                    : state,
                command, now, policy, slots),
        },
        ["a source is familiar after a wrong password"] = Deciding((decision, state, command) =>
            command is SettlePermit { How: Settlement.Failed } told && state.ClassOf(told.Permit) is { } of
                ? With(decision, [.. state[of].Find(told.Permit)!.Source.Fingerprints()
                    .Select(print => new SourceRemembered(command.Account, decision.Facts[^1].At, print))])
                : decision),
        ["a crash is assumed to have lost a charge of one class only"] = Right with
        {
            Enter = (attendance, ledger, account, now, policy) =>
            {
                var (next, state) = Right.Enter(attendance, ledger, account, now, policy);
                return (next, state with { Familiar = ledger.Find(account).Familiar });
            },
        },
        ["each lock is as long as the first"] = Policy(policy => policy with { LongestLock = policy.LockTime }),
        ["an unlock forgives one class only"] = Deciding((decision, state, command) =>
            command is UnlockAccount && !decision.Facts.IsEmpty
                ? decision with { Next = decision.Next with { Unfamiliar = state.Unfamiliar }, ToStore = [] }
                : decision),
        ["what was under way before an unlock counts after it"] = Deciding((decision, state, command) =>
            command is UnlockAccount && !decision.Facts.IsEmpty
                ? decision with
                {
                    Next = decision.Next with
                    {
                        Unfamiliar = decision.Next.Unfamiliar with { Open = state.Unfamiliar.Open },
                        Familiar = decision.Next.Familiar with { Open = state.Familiar.Open },
                    },
                }
                : decision),
        ["spellings are counted apart"] = Right with
        {
            Resolve = (forest, objectGuid) => new AccountKey(forest.EndsWith('.') ? "another.example" : forest, objectGuid),
        },
        ["nothing is halved without a journal"] = Right with { WithoutJournal = policy => policy },
        ["the budget begins anew without a journal"] = Right with { WithoutJournal = policy => policy with { Budget = 2 * policy.Budget } },
        ["what was counted without a journal is forgotten"] = Right with { ForgetsWhatHappenedWithoutJournal = true },
        ["the owner needs no slots"] = Right with
        {
            Decide = (state, command, now, policy, _) => Right.Decide(state, command, now, policy, null),
        },
        ["the database gives out a slot more"] = Right with { SlotsOf = heldBack => heldBack + 1 },
        ["an interim permit takes a slot of one class only"] = Right with { InterimClasses = [SourceClass.Unfamiliar] },
        ["an owner grants what is held back while the database is away"] = Right with { GrantsWithoutDatabase = true },
        ["the slot of a failed bind is freed by its worker"] = Right with { FreesFailedSlots = true },
        ["a worker gives back what the owner has counted"] = Right with { GivesBackWhatIsCounted = true },
        ["an interim sign-in forgives what failed after its permit"] = Right with { TellsOfInterimSuccesses = true },
        ["the slots are freed while failures stand"] = Right with
        {
            FreedSlots = (before, _) => Slot.Freed(before, AccountState.Clean),
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
        Decide = (state, command, now, policy, slots) => change(Right.Decide(state, command, now, policy, slots), state, command),
    };

    private static SimulatedRules Policy(Func<LockoutPolicy, LockoutPolicy> change) => Right with
    {
        Decide = (state, command, now, policy, slots) => Right.Decide(state, command, now, change(policy), slots),
    };

    private static AccountState Each(AccountState state, Func<ClassState, ClassState> change) =>
        state with { Unfamiliar = change(state.Unfamiliar), Familiar = change(state.Familiar) };

    private static SourceClass Of(Decision decision) => decision.Facts.OfType<IClassFact>().Last().Class;

    private static SourceClass Other(SourceClass of) => of == SourceClass.Familiar ? SourceClass.Unfamiliar : SourceClass.Familiar;

    private static FailuresForgotten Forgotten(ICommand command, Decision decision, SourceClass of) =>
        new(command.Account, decision.Facts[^1].At, of);

    private static Decision With(Decision decision, params IFact[] more)
    {
        var next = AccountState.Apply(decision.Next, more);
        return decision with
        {
            Facts = [.. decision.Facts, .. more],
            ToStore = decision.MustStore ? [.. decision.ToStore, .. more] : decision.ToStore,
            Next = decision.MustStore ? Each(next, of => of with { IsWritten = !of.IsClean }) : next,
        };
    }
}
