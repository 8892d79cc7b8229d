using System.Net;
using CsCheck;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class LockoutDeciderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AccountKey Account = new("corp.example", Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"));

    private static readonly ClientSource Home = ClientSource.Of(IPAddress.Parse("192.0.2.1"), null);
    private static readonly ClientSource Away = ClientSource.Of(IPAddress.Parse("198.51.100.1"), null);

    private static readonly ClientSource[] Sources = [Home, Away, ClientSource.Nowhere];

    private static readonly Gen<LockoutPolicy> Policies = Gen.Select(Gen.Int[2, 6], Gen.Int[1, 90], Gen.Int[1, 30], (budget, lockTime, lifetime) =>
        new LockoutPolicy
        {
            Budget = budget,
            LockTime = TimeSpan.FromSeconds(lockTime),
            LongestLock = TimeSpan.FromSeconds(3 * lockTime),
            PermitLifetime = TimeSpan.FromSeconds(lifetime),
            FailureMemory = TimeSpan.FromHours(1),
            SourceMemory = TimeSpan.FromHours(24),
        });

    private static readonly Gen<(ICommand Command, TimeSpan Later)[]> Histories = Gen.Select(
        Gen.Frequency(
            (6, Gen.Select(Gen.ULong[1, 12], Gen.Int[0, 2], (permit, source) =>
                (ICommand)new AskPermit(Account, Sources[source], default, permit))),
            (6, Gen.Select(Gen.ULong[1, 12], Gen.Enum<Settlement>(), (permit, how) => (ICommand)new SettlePermit(Account, default, permit, how))),
            (1, Gen.Const((ICommand)new UnlockAccount(Account, "test", ""))),
            (1, Gen.Const((ICommand)new RetireAccount(Account)))),
        Gen.Frequency((8, Gen.Int[0, 3_000]), (3, Gen.Int[3_000, 100_000]), (1, Gen.Int[100_000, 8_000_000])),
        (command, later) => (command, TimeSpan.FromMilliseconds(later))).Array[1, 60];

    [Fact]
    public void An_account_and_its_ledger_never_disagree() => Play((_, _, decision, ledger) =>
    {
        var stored = ledger.Find(Account);
        Assert.Equal(stored.Sources.AsEnumerable(), decision.Next.Sources);
        foreach (var of in Enum.GetValues<SourceClass>())
        {
            Assert.Equal(decision.Next[of].IsWritten, !stored[of].IsClean);
            if (decision.Next[of].IsWritten)
            {
                Assert.Equal(Describe(stored[of]), Describe(decision.Next[of]));
            }
        }
    });

    [Fact]
    public void A_node_that_may_not_own_the_account_any_more_grants_nothing_that_is_not_stored()
    {
        var ask = new AskPermit(Account, Home, default, 1);
        var fenced = LockoutDecider.Decide(AccountState.Clean, ask, Start, new LockoutPolicy(), isFenced: true);
        Assert.True(fenced.MustStore);
        Assert.IsType<ChargeOpened>(Assert.Single(fenced.ToStore));

        // Also what it granted from memory while it could, when the same question comes again.
        var granted = LockoutDecider.Decide(AccountState.Clean, ask, Start, new LockoutPolicy());
        Assert.Empty(granted.ToStore);
        Assert.IsType<ChargeOpened>(Assert.Single(LockoutDecider.Decide(granted.Next, ask, Start, new LockoutPolicy(), isFenced: true).ToStore));
    }

    [Fact]
    public void What_is_not_stored_of_a_class_is_one_open_charge_at_most() => Play((_, _, decision, _) =>
    {
        foreach (var next in Enum.GetValues<SourceClass>().Select(of => decision.Next[of]).Where(next => !next.IsWritten))
        {
            Assert.Equal(0, next.Failures);
            Assert.True(next.Open.Length <= 1);
        }
    });

    [Fact]
    public void Failures_and_open_charges_never_exceed_the_budget_and_after_a_lock_one_is_open_at_most() => Play((policy, _, decision, _) =>
    {
        foreach (var next in Enum.GetValues<SourceClass>().Select(of => decision.Next[of]))
        {
            Assert.True(
                next.Failures >= policy.Budget ? next.Open.Length <= 1 : next.Failures + next.Open.Length <= policy.Budget,
                Describe(next));
        }
    });

    [Fact]
    public void A_locked_class_grants_nothing() => Play((_, before, decision, _) =>
    {
        foreach (var opened in decision.Facts.OfType<ChargeOpened>())
        {
            Assert.False(before.State[opened.Class].LockedUntil > before.Now);
        }
    });

    [Fact]
    public void No_command_from_one_class_changes_the_other_except_an_unlock() => Play((_, before, decision, _) =>
    {
        var touched = decision.Facts.OfType<IClassFact>().Where(fact => fact.At == before.Now && fact is not FailuresForgotten).Select(fact => fact.Class).Distinct();
        Assert.True(touched.Count() <= 1 || decision.Answer is Answer.Retired or Answer.Unlocked, string.Join(" ", decision.Facts));
        if (decision.Answer is Answer.Unlocked)
        {
            Assert.True(decision.Next.IsClean);
        }
    });

    [Fact]
    public void Each_lock_in_a_row_lasts_twice_as_long_up_to_the_longest() => Play((policy, before, decision, _) =>
    {
        foreach (var failed in decision.Facts.OfType<ChargeFailed>().Where(failed => failed.LockedUntil is not null))
        {
            var time = failed.LockedUntil!.Value - failed.At;
            Assert.InRange(time, policy.LockTime, policy.LongestLock);
        }
    });

    [Fact]
    public void At_most_twenty_sources_are_kept() => Gen.ULong[1, 40].Array[1, 80].Sample(seen =>
    {
        var state = AccountState.Apply(AccountState.Clean, seen.Select((fingerprint, order) =>
            new SourceRemembered(Account, Start.AddMinutes(order), fingerprint)));
        Assert.Equal(seen.Reverse().Distinct().Take(20).Reverse(), state.Sources.Select(source => source.Fingerprint));
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
        var facts = Gen.Select(Gen.Int[0, 7], Gen.ULong[0, 4], Gen.Int[0, 100_000], Gen.Enum<SourceClass>(), (kind, permit, at, of) =>
        {
            var when = Start.AddSeconds(at);
            return kind switch
            {
                0 => (IFact)new ChargeOpened(Account, when, permit, default, when.AddSeconds(10), of, Home, ""),
                1 => new ChargeFailed(Account, when, permit, null, of),
                2 => new ChargeFailed(Account, when, permit, when.AddSeconds(60), of),
                3 => new ChargeRefunded(Account, when, permit, of),
                4 => new SignInSucceeded(Account, when, permit, of),
                5 => new AccountUnlocked(Account, when, "", ""),
                6 => new SourceRemembered(Account, when, permit),
                _ => new FailuresForgotten(Account, when, of),
            };
        });

        facts.Array[0, 50].Sample(history =>
        {
            var state = AccountState.Apply(AccountState.Clean, history);
            foreach (var of in Enum.GetValues<SourceClass>().Select(of => state[of]))
            {
                Assert.True(of.Failures >= 0);
                Assert.Equal(of.Open.Length, of.Open.Select(charge => charge.Permit).Distinct().Count());
            }
        });
    }

    private static void Play(Action<LockoutPolicy, (AccountState State, DateTimeOffset Now), Decision, LedgerState> check) =>
        Gen.Select(Policies, Gen.Bool, Histories).Sample((policy, assumed, history) =>
        {
            var ledger = LedgerState.Empty;
            var lost = ClassState.Assumed(Start + policy.PermitLifetime);
            var state = assumed ? AccountState.Clean with { Familiar = lost, Unfamiliar = lost } : AccountState.Clean;
            var now = Start;
            foreach (var (command, later) in history)
            {
                now += later;
                var decision = LockoutDecider.Decide(state, command, now, policy);
                ledger = decision.ToStore.Aggregate(ledger, LedgerState.Apply);
                check(policy, (state, now), decision, ledger);
                state = decision.Next;
            }
        });

    private static string Describe(ClassState state) =>
        $"{state.Failed} failed, {state.Forgiven} forgiven, last {state.LastFailedAt:o}, locked until {state.LockedUntil:o}, "
        + $"{state.Locks} locks, open {string.Join(" ", state.Open.Select(charge => charge.ToString()))}, written {state.IsWritten}";
}
