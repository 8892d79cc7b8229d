using CsCheck;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class LockoutDeciderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AccountKey Account = new("corp.example", Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"));

    private static readonly Gen<LockoutPolicy> Policies = Gen.Select(Gen.Int[2, 6], Gen.Int[1, 90], Gen.Int[1, 30], (budget, lockTime, lifetime) =>
        new LockoutPolicy
        {
            Budget = budget,
            LockTime = TimeSpan.FromSeconds(lockTime),
            PermitLifetime = TimeSpan.FromSeconds(lifetime),
            FailureMemory = TimeSpan.FromHours(1),
        });

    private static readonly Gen<(ICommand Command, TimeSpan Later)[]> Histories = Gen.Select(
        Gen.Frequency(
            (6, Gen.ULong[1, 12].Select(permit => (ICommand)new AskPermit(Account, default, permit))),
            (6, Gen.Select(Gen.ULong[1, 12], Gen.Enum<Settlement>(), (permit, how) => (ICommand)new SettlePermit(Account, default, permit, how))),
            (1, Gen.Const((ICommand)new UnlockAccount(Account))),
            (1, Gen.Const((ICommand)new RetireAccount(Account)))),
        Gen.Frequency((8, Gen.Int[0, 3_000]), (3, Gen.Int[3_000, 100_000]), (1, Gen.Int[100_000, 8_000_000])),
        (command, later) => (command, TimeSpan.FromMilliseconds(later))).Array[1, 60];

    [Fact]
    public void An_account_and_its_ledger_never_disagree() => Play((_, _, decision, ledger) =>
    {
        var stored = ledger.Find(Account);
        Assert.Equal(decision.Next.IsWritten, !stored.IsClean);
        if (decision.Next.IsWritten)
        {
            Assert.Equal(Describe(stored), Describe(decision.Next));
        }
    });

    [Fact]
    public void What_is_not_stored_is_one_open_charge_at_most() => Play((_, _, decision, _) =>
    {
        if (!decision.Next.IsWritten)
        {
            Assert.Equal(0, decision.Next.Failures);
            Assert.True(decision.Next.Open.Length <= 1);
        }
    });

    [Fact]
    public void Failures_and_open_charges_never_exceed_the_budget_and_after_a_lock_one_is_open_at_most() => Play((policy, _, decision, _) =>
    {
        var next = decision.Next;
        Assert.True(
            next.Failures >= policy.Budget ? next.Open.Length <= 1 : next.Failures + next.Open.Length <= policy.Budget,
            Describe(next));
    });

    [Fact]
    public void A_locked_account_grants_nothing() => Play((_, before, decision, _) =>
    {
        if (before.State.LockedUntil > before.Now && decision.Answer is Answer.Granted granted)
        {
            Assert.NotNull(before.State.Find(granted.Permit));
        }
    });

    [Fact]
    public void A_permit_lives_no_longer_than_its_lifetime() => Play((policy, _, decision, _) =>
    {
        if (decision.Answer is Answer.Granted granted)
        {
            Assert.InRange(granted.Lifetime, TimeSpan.FromTicks(1), policy.PermitLifetime);
        }
    });

    [Fact]
    public void Folding_takes_any_facts_in_any_order()
    {
        var facts = Gen.Select(Gen.Int[0, 6], Gen.ULong[0, 4], Gen.Int[0, 100_000], (kind, permit, at) =>
        {
            var when = Start.AddSeconds(at);
            return kind switch
            {
                0 => (IFact)new ChargeOpened(Account, when, permit, default, when.AddSeconds(10)),
                1 => new ChargeFailed(Account, when, permit, null),
                2 => new ChargeFailed(Account, when, permit, when.AddSeconds(60)),
                3 => new ChargeRefunded(Account, when, permit),
                4 => new SignInSucceeded(Account, when, permit),
                5 => new AccountUnlocked(Account, when),
                _ => new FailuresForgotten(Account, when),
            };
        });

        facts.Array[0, 50].Sample(history =>
        {
            var state = AccountState.Apply(AccountState.Clean, history);
            Assert.True(state.Failures >= 0);
            Assert.Equal(state.Open.Length, state.Open.Select(charge => charge.Permit).Distinct().Count());
        });
    }

    private static void Play(Action<LockoutPolicy, (AccountState State, DateTimeOffset Now), Decision, LedgerState> check) =>
        Gen.Select(Policies, Gen.Bool, Histories).Sample((policy, assumed, history) =>
        {
            var ledger = LedgerState.Empty;
            var state = assumed
                ? AccountState.Clean with { Open = [new Charge(AssumedPermit, default, Start + policy.PermitLifetime, 0)] }
                : AccountState.Clean;
            var now = Start;
            foreach (var (command, later) in history)
            {
                now += later;
                var decision = LockoutDecider.Decide(state, command, now, policy);
                ledger = decision.MustStore ? decision.Facts.Aggregate(ledger, LedgerState.Apply) : ledger;
                check(policy, (state, now), decision, ledger);
                state = decision.Next;
            }
        });

    private static string Describe(AccountState state) =>
        $"{state.Failed} failed, {state.Forgiven} forgiven, last {state.LastFailedAt:o}, locked until {state.LockedUntil:o}, "
        + $"open {string.Join(" ", state.Open.Select(charge => charge.ToString()))}, written {state.IsWritten}";
}
