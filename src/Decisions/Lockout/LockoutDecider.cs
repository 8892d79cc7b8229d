using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>What an account does with a command.</summary>
/// <param name="Facts">What happened, in that order.</param>
/// <param name="ToStore">What goes into the journal: those of the facts that must be remembered, and what had been kept in
/// memory until now.</param>
/// <param name="MustStore">Whether that must be in the journal before the answer is given. If not, it may be lost: nothing but
/// convenience depends on it.</param>
/// <param name="Next">The state once that is so.</param>
public sealed record Decision(
    Answer Answer, ImmutableArray<IFact> Facts, ImmutableArray<IFact> ToStore, bool MustStore, AccountState Next);

/// <summary>The lockout rule of one account (docs/LOCKOUT.md tells it in words, and why its bound holds in a crash).</summary>
public static class LockoutDecider
{
    private static readonly SourceClass[] Classes = [SourceClass.Unfamiliar, SourceClass.Familiar];

    /// <param name="now">By the clock of the node that owns the account.</param>
    /// <param name="isFenced">The node cannot tell whether the account is still its own (<see cref="NodeLease"/>): it grants nothing from
    /// memory, and the journal, which takes one writer only, is the judge.</param>
    /// <param name="slots">The policy by which some of the budget is granted with a <see cref="Slot"/> only: <paramref name="policy"/>,
    /// not halved; null: there are no slots.</param>
    public static Decision Decide(AccountState state, ICommand command, DateTimeOffset now, LockoutPolicy policy, bool isFenced = false,
        LockoutPolicy? slots = null)
    {
        var aging = Age(state, command.Account, now, policy);
        var aged = AccountState.Apply(state, aging);
        var (answer, facts, storeOpen) = command switch
        {
            AskPermit c => Ask(aged, c, now, policy, slots),
            CountSlots c => (new Answer.Settled(), Count(aged, c, now), true),
            SettlePermit c => Settle(aged, c, now, policy),
            UnlockAccount c => (new Answer.Unlocked(), aged.IsClean ? [] : [new AccountUnlocked(c.Account, now, c.By, c.Reason)], false),
            RepeatWrong => (new Answer.Settled(), [], false),
            RetireAccount => (new Answer.Retired(), [], true),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "unknown command"),
        };
        return Conclude(state, command.Account, answer, aging.AddRange(facts), storeOpen || isFenced, now);
    }

    private static (Answer, ImmutableArray<IFact>, bool) Ask(
        AccountState state, AskPermit command, DateTimeOffset now, LockoutPolicy policy, LockoutPolicy? slots)
    {
        if (state.ClassOf(command.Permit) is { } of)
        {
            // Asked again. A charge without an attempt was counted because its slot was found taken: by this very question when it was
            // asked before and the database's answer came too late, and then the slot is about to be freed.
            var charge = state[of].Find(command.Permit)!;
            return (charge.Attempt == command.Attempt ? new Answer.Granted(command.Permit, charge.ExpiresAt - now) : new Answer.TooManyOpen(), [], false);
        }

        var from = state.ClassOf(command.Source, now, policy);
        var mine = state[from];
        if (mine.LockedFor(now) > TimeSpan.Zero)
        {
            return (new Answer.Locked(state.Notice(now, policy)), [], false);
        }

        // After a lock has ended one bind at a time is let through: its failure locks again.
        var budget = mine.Failures < policy.Budget ? policy.Budget - mine.Failures : 1;
        var isLast = slots is not null && mine.Failures < slots.Budget
            && mine.Failures + mine.Open.Length - mine.Slots.Length >= slots.Budget - slots.HeldBack();
        return mine.Open.Length >= budget ? (new Answer.TooManyOpen(), [], false)
            : isLast && !command.HasSlot ? (new Answer.SlotNeeded(from), [], false)
            : (new Answer.Granted(command.Permit, policy.PermitLifetime),
                [new ChargeOpened(
                    command.Account, now, command.Permit, command.Attempt, now + policy.PermitLifetime, from, command.Source, command.Agent)
                {
                    HasSlot = command.HasSlot,
                }],
                false);
    }

    /// <summary>What was granted by slots that the account does not know of is charged in their classes.</summary>
    private static ImmutableArray<IFact> Count(AccountState state, CountSlots command, DateTimeOffset now) =>
    [
        .. from slot in command.Taken
           where !state[slot.Class].Slots.Contains(slot.Permit)
           select new ChargeOpened(slot.Account, now, slot.Permit, default, slot.ExpiresAt, slot.Class, ClientSource.Nowhere, "") { HasSlot = true },
    ];

    private static (Answer, ImmutableArray<IFact>, bool) Settle(
        AccountState state, SettlePermit command, DateTimeOffset now, LockoutPolicy policy)
    {
        if (state.ClassOf(command.Permit) is null)
        {
            // Settled before, or expired and counted, or from before an unlock, or granted by one who crashed: then the assumed
            // charges stand for it, and a failure is not answered before they are stored.
            return (new Answer.Settled(), [], command.How == Settlement.Failed && state.ClassOf(AssumedPermit) is not null);
        }

        // In one class; in both if it was an interim permit.
        return (new Answer.Settled(), [.. Classes.Where(of => state[of].Find(command.Permit) is not null).SelectMany(of => Settle(state, command, now, of, policy))], false);
    }

    private static ImmutableArray<IFact> Settle(AccountState state, SettlePermit command, DateTimeOffset now, SourceClass of, LockoutPolicy policy) =>
        command.How switch
        {
            Settlement.Succeeded =>
            [
                new SignInSucceeded(command.Account, now, command.Permit, of),
                .. FamiliarSource.News(state.Sources, state[of].Find(command.Permit)!.Source, now, policy)
                    .Select(fingerprint => new SourceRemembered(command.Account, now, fingerprint)),
            ],
            Settlement.Refunded => [new ChargeRefunded(command.Account, now, command.Permit, of)],
            _ => [Fail(state[of], command.Account, command.Permit, now, of, policy)],
        };

    /// <summary>The state with what the passing of time did.</summary>
    public static AccountState Aged(AccountState state, AccountKey account, DateTimeOffset now, LockoutPolicy policy) =>
        AccountState.Apply(state, Age(state, account, now, policy));

    private static ImmutableArray<IFact> Age(AccountState state, AccountKey account, DateTimeOffset now, LockoutPolicy policy) =>
        Age(state.Unfamiliar, account, now, SourceClass.Unfamiliar, policy)
            .AddRange(Age(state.Familiar, account, now, SourceClass.Familiar, policy));

    /// <summary>What the passing of time did: charges past their lifetime are failures of that instant; failures that are old
    /// enough are forgotten, but not while a bind is under way that may still add to them.</summary>
    private static ImmutableArray<IFact> Age(
        ClassState state, AccountKey account, DateTimeOffset now, SourceClass of, LockoutPolicy policy)
    {
        if (state.IsClean)
        {
            return [];
        }

        var (aged, facts) = (state, ImmutableArray<IFact>.Empty);
        foreach (var charge in state.Open.Where(charge => charge.ExpiresAt <= now).OrderBy(charge => charge.ExpiresAt))
        {
            var failed = Fail(aged, account, charge.Permit, charge.ExpiresAt, of, policy);
            (aged, facts) = (ClassState.Apply(aged, failed), facts.Add(failed));
        }

        return aged.Failures > 0 && aged.Open.IsEmpty && aged.IsForgotten(now, policy)
            ? facts.Add(new FailuresForgotten(account, now, of))
            : facts;
    }

    private static ChargeFailed Fail(
        ClassState state, AccountKey account, ulong permit, DateTimeOffset at, SourceClass of, LockoutPolicy policy)
    {
        // An interim permit may be counted long after its bind: what was counted meanwhile came later.
        at = state.LastFailedAt > at ? state.LastFailedAt.Value : at;

        // What fails while a lock lasts was under way before it: still the same lock.
        var locksBefore = state.LockedUntil > at ? state.Locks - 1 : state.Locks;
        return new ChargeFailed(
            account, at, permit, state.Failures + 1 >= policy.Budget ? at + policy.LockTimeAfter(locksBefore) : null, of);
    }

    /// <summary>Decides what is stored. A class that is not written may hold one open charge in memory and no failure: that is
    /// what is assumed of it after a crash. Whatever goes beyond is stored, the open charge with it. A familiar source is
    /// stored too, but nobody waits for it.</summary>
    private static Decision Conclude(
        AccountState state, AccountKey account, Answer answer, ImmutableArray<IFact> facts, bool storeOpen, DateTimeOffset now)
    {
        var next = AccountState.Apply(state, facts);
        var store = ImmutableArray<IFact>.Empty;
        foreach (var of in Classes)
        {
            var (before, after) = (state[of], next[of]);
            var isMore = after.Failures > 0 || after.Open.Length > 1 || (storeOpen && !after.Open.IsEmpty);
            if (before.IsWritten || isMore || facts.Any(fact => fact is ChargeFailed failed && failed.Class == of))
            {
                var kept = before.IsWritten ? [] : before.Open.Select(charge => new ChargeOpened(
                    account, now, charge.Permit, charge.Attempt, charge.ExpiresAt, of, charge.Source, charge.Agent));
                store = [.. store, .. kept, .. facts.Where(fact => fact is IClassFact own && own.Class == of)];
                next = next.With(of, after with { IsWritten = !after.IsClean });
            }
        }

        if (!store.IsEmpty || state.Unfamiliar.IsWritten || state.Familiar.IsWritten)
        {
            store = store.AddRange(facts.Where(fact => fact is AccountUnlocked));
        }

        var mustStore = !store.IsEmpty;
        return new Decision(answer, facts, store.AddRange(facts.Where(fact => fact is SourceRemembered)), mustStore, next);
    }
}
