using System.Collections.Immutable;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Lockout;

/// <summary>What an account does with a command.</summary>
/// <param name="Facts">In the order in which they happened.</param>
/// <param name="MustStore">Whether the facts must be in the journal before the answer is given.</param>
/// <param name="Next">The state once that is so.</param>
public sealed record Decision(Answer Answer, ImmutableArray<IFact> Facts, bool MustStore, AccountState Next);

/// <summary>The lockout rule of one account (docs/LOCKOUT.md tells it in words, and why its bound holds in a crash).</summary>
public static class LockoutDecider
{
    /// <param name="now">By the clock of the node that owns the account.</param>
    public static Decision Decide(AccountState state, ICommand command, DateTimeOffset now, LockoutPolicy policy)
    {
        var aging = Age(state, command.Account, now, policy);
        var aged = AccountState.Apply(state, aging);
        var (answer, facts, storeOpen) = command switch
        {
            AskPermit c => Ask(aged, c, now, policy),
            SettlePermit c => Settle(aged, c, now, policy),
            UnlockAccount c => (new Answer.Unlocked(), aged.Failures > 0 ? [new AccountUnlocked(c.Account, now)] : [], false),
            RetireAccount => (new Answer.Retired(), [], true),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "unknown command"),
        };
        return Conclude(state, command.Account, answer, [.. aging, .. facts], storeOpen, now);
    }

    private static (Answer, ImmutableArray<IFact>, bool) Ask(
        AccountState state, AskPermit command, DateTimeOffset now, LockoutPolicy policy)
    {
        if (state.Find(command.Permit) is { } granted)
        {
            return (new Answer.Granted(command.Permit, granted.ExpiresAt - now), [], false);
        }

        if (state.LockedUntil is { } until && now < until)
        {
            return (new Answer.Locked(until - now), [], false);
        }

        // After a lock has ended one bind at a time is let through: its failure locks again.
        var budget = state.Failures < policy.Budget ? policy.Budget - state.Failures : 1;
        return state.Open.Length >= budget
            ? (new Answer.TooManyOpen(), [], false)
            : (new Answer.Granted(command.Permit, policy.PermitLifetime),
                [new ChargeOpened(command.Account, now, command.Permit, command.Attempt, now + policy.PermitLifetime)],
                false);
    }

    private static (Answer, ImmutableArray<IFact>, bool) Settle(
        AccountState state, SettlePermit command, DateTimeOffset now, LockoutPolicy policy)
    {
        if (state.Find(command.Permit) is null)
        {
            // Settled before, or expired and counted, or granted by one who crashed: then the assumed charge stands for it,
            // and a failure is not answered before that one is stored.
            return (new Answer.Settled(), [], command.How == Settlement.Failed && state.Find(AssumedPermit) is not null);
        }

        return (new Answer.Settled(), [command.How switch
        {
            Settlement.Succeeded => new SignInSucceeded(command.Account, now, command.Permit),
            Settlement.Refunded => new ChargeRefunded(command.Account, now, command.Permit),
            _ => Fail(state, command.Account, command.Permit, now, policy),
        }], false);
    }

    /// <summary>What the passing of time did: charges past their lifetime are failures of that instant; failures that are old
    /// enough are forgotten, but not while a bind is under way that may still add to them.</summary>
    private static ImmutableArray<IFact> Age(AccountState state, AccountKey account, DateTimeOffset now, LockoutPolicy policy)
    {
        var facts = ImmutableArray<IFact>.Empty;
        foreach (var charge in state.Open.Where(charge => charge.ExpiresAt <= now).OrderBy(charge => charge.ExpiresAt))
        {
            var failed = Fail(AccountState.Apply(state, facts), account, charge.Permit, charge.ExpiresAt, policy);
            facts = facts.Add(failed);
        }

        var aged = AccountState.Apply(state, facts);
        return aged.Failures > 0 && aged.Open.IsEmpty && aged.IsForgotten(now, policy)
            ? facts.Add(new FailuresForgotten(account, now))
            : facts;
    }

    private static ChargeFailed Fail(
        AccountState state, AccountKey account, ulong permit, DateTimeOffset at, LockoutPolicy policy) =>
        new(account, at, permit, state.Failures + 1 >= policy.Budget ? at + policy.LockTime : null);

    /// <summary>Decides what is stored. An account without an entry in the ledger may hold one open charge in memory and no
    /// failure: that is what is assumed of it after a crash. Whatever goes beyond is stored, the open charge with it.</summary>
    private static Decision Conclude(
        AccountState state, AccountKey account, Answer answer, ImmutableArray<IFact> facts, bool storeOpen, DateTimeOffset now)
    {
        var next = AccountState.Apply(state, facts);
        var isMore = next.Failures > 0 || next.Open.Length > 1 || (storeOpen && !next.Open.IsEmpty);
        if (!state.IsWritten && !isMore && !facts.Any(fact => fact is ChargeFailed))
        {
            return new Decision(answer, facts, MustStore: false, next);
        }

        ImmutableArray<IFact> stored = state.IsWritten
            ? facts
            : [.. state.Open.Select(open => new ChargeOpened(account, now, open.Permit, open.Attempt, open.ExpiresAt)), .. facts];
        return new Decision(answer, stored, MustStore: !stored.IsEmpty, next with { IsWritten = !next.IsClean });
    }
}
