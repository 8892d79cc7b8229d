using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class LockoutPolicyTests
{
    [Fact]
    public void The_defaults_have_no_fault() => Assert.Empty(new LockoutPolicy().Faults());

    [Theory, InlineData(1, false), InlineData(2, true), InlineData(50, true), InlineData(51, false)]
    public void A_budget_has_a_range(int budget, bool valid) =>
        Assert.Equal(valid, (new LockoutPolicy { Budget = budget }).Faults().Count == 0);

    [Theory, InlineData(0, false), InlineData(1, true), InlineData(86_400, true), InlineData(86_401, false)]
    public void A_lock_time_has_a_range(int seconds, bool valid) =>
        Assert.Equal(valid, (new LockoutPolicy { LockTime = TimeSpan.FromSeconds(seconds), LongestLock = LockoutPolicy.MaxLockTime }).Faults().Count == 0);

    [Theory, InlineData(59, false), InlineData(60, true), InlineData(86_400, true), InlineData(86_401, false)]
    public void The_longest_lock_is_no_shorter_than_the_first(int seconds, bool valid) =>
        Assert.Equal(valid, (new LockoutPolicy { LongestLock = TimeSpan.FromSeconds(seconds) }).Faults().Count == 0);

    [Theory, InlineData(23, false), InlineData(24, true), InlineData(9_600, true), InlineData(9_601, false)]
    public void Sources_are_remembered_within_a_range(int hours, bool valid) =>
        Assert.Equal(valid, (new LockoutPolicy { SourceMemory = TimeSpan.FromHours(hours) }).Faults().Count == 0);

    [Theory, InlineData(0, 60), InlineData(1, 120), InlineData(5, 1_920), InlineData(6, 3_600), InlineData(1_000_000, 3_600)]
    public void A_lock_lasts_twice_as_long_as_the_one_before_it(int locks, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new LockoutPolicy().LockTimeAfter(locks));

    [Theory, InlineData(2, 2), InlineData(3, 2), InlineData(4, 2), InlineData(5, 2), InlineData(6, 3), InlineData(10, 5), InlineData(50, 25)]
    public void Half_a_budget_is_rounded_down_and_lets_one_who_lost_a_charge_sign_in(int budget, int half)
    {
        var halved = new LockoutPolicy { Budget = budget }.Halved();
        Assert.Equal(half, halved.Budget);
        Assert.Empty(halved.Faults());
    }

    [Theory, InlineData(0, false), InlineData(1, true), InlineData(120, true), InlineData(121, false)]
    public void A_permit_lifetime_has_a_range(int seconds, bool valid) =>
        Assert.Equal(valid, (new LockoutPolicy { PermitLifetime = TimeSpan.FromSeconds(seconds) }).Faults().Count == 0);

    [Theory, InlineData(59, false), InlineData(60, true), InlineData(43_200, true), InlineData(43_201, false)]
    public void Failures_are_remembered_within_a_range(int minutes, bool valid) =>
        Assert.Equal(valid, (new LockoutPolicy { FailureMemory = TimeSpan.FromMinutes(minutes) }).Faults().Count == 0);

    [Fact]
    public void Every_fault_is_named_at_once_with_its_range()
    {
        var faults = new LockoutPolicy { Budget = 0, LockTime = TimeSpan.Zero }.Faults();

        Assert.Equal(["Budget is 0: must be 2 to 50", "LockTime is 00:00:00: must be 00:00:01 to 1.00:00:00"], faults);
    }

    /// <summary>docs/LOCKOUT.md says what the code does.</summary>
    [Fact]
    public void The_page_has_every_number_with_its_default_and_its_range()
    {
        var policy = new LockoutPolicy();
        string[] rows =
        [
            $"| `Budget` | {policy.Budget} | {LockoutPolicy.MinBudget} to {LockoutPolicy.MaxBudget} |",
            Row(nameof(policy.LockTime), policy.LockTime, Text(LockoutPolicy.MinLockTime), LockoutPolicy.MaxLockTime),
            Row(nameof(policy.LongestLock), policy.LongestLock, "`LockTime`", LockoutPolicy.MaxLockTime),
            Row(nameof(policy.PermitLifetime), policy.PermitLifetime, Text(LockoutPolicy.MinPermitLifetime), LockoutPolicy.MaxPermitLifetime),
            Row(nameof(policy.FailureMemory), policy.FailureMemory, Text(LockoutPolicy.MinFailureMemory), LockoutPolicy.MaxFailureMemory),
            Row(nameof(policy.SourceMemory), policy.SourceMemory, Text(LockoutPolicy.MinSourceMemory), LockoutPolicy.MaxSourceMemory),
        ];

        var page = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "docs/LOCKOUT.md"));
        Assert.Equal(rows, page.SkipWhile(line => line != "| number | default | range |").Skip(2).TakeWhile(line => line.StartsWith('|')));

        static string Row(string name, TimeSpan value, string least, TimeSpan most) => $"| `{name}` | {Text(value)} | {least} to {Text(most)} |";

        static string Text(TimeSpan time) =>
            time > TimeSpan.FromDays(1) ? $"{time.TotalDays} d"
            : time >= TimeSpan.FromHours(1) ? $"{time.TotalHours} h"
            : time > TimeSpan.FromMinutes(1) ? $"{time.TotalMinutes} min"
            : $"{time.TotalSeconds} s";
    }

    [Theory]
    [InlineData(Counting.Counts, Settlement.Failed)]
    [InlineData(Counting.Provisional, Settlement.Failed)]
    [InlineData(Counting.Refunds, Settlement.Refunded)]
    [InlineData(Counting.Resets, Settlement.Succeeded)]
    public void A_verdict_settles_its_permit(Counting counting, Settlement settlement) =>
        Assert.Equal(settlement, counting.ToSettlement());
}
