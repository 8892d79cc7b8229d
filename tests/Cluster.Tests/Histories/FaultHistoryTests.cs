using System.Globalization;
using Passthrough.Decisions.Attempts;
using Passthrough.Lab.Tests.Installations;
using Xunit.Abstractions;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>Faults on a cluster of real processes, judged by what callers, the directory and the journal's database saw. What needs minutes
/// runs with <c>ops/test --long</c>.</summary>
[Collection("lab")]
public sealed class FaultHistoryTests(SharedCluster shared, ITestOutputHelper output) : FaultHistories(shared, output), IClassFixture<SharedCluster>
{
    /// <summary>Seeds.</summary>
    internal const int Few = 10, Many = 200;

    /// <summary>One seed, or several as <c>11-40</c>, in place of those of the test.</summary>
    private const string SeedVariable = "FAULT_SEEDS";

    [Fact, Trait("needs", "lab")]
    public Task Ten_seeded_histories_break_no_promise() => SeededAsync(Few);

    [Fact, Trait("needs", "minutes")]
    public Task Two_hundred_seeded_histories_break_no_promise() => SeededAsync(Many);

    [Fact, Trait("needs", "lab")]
    public Task A_partition_of_two_and_one_with_guesses_on_both_sides_doubles_no_budget() => PartitionAsync(1, HalfMinute);

    [Fact, Trait("needs", "minutes")]
    public Task Twenty_partitions_of_a_minute_double_no_budget() => TimesAsync(run => PartitionAsync(run, Minute));

    [Fact, Trait("needs", "lab")]
    public Task An_agent_that_wakes_after_it_was_given_up_grants_nothing() => PauseAsync(2, HalfMinute);

    [Fact, Trait("needs", "minutes")]
    public Task Twenty_agents_that_wake_after_a_minute_grant_nothing() => TimesAsync(run => PauseAsync(run, Minute));

    [Fact, Trait("needs", "lab")]
    public Task While_the_journal_is_stopped_right_passwords_go_on_and_afterwards_it_holds_what_was_counted() => OutageAsync(3, HalfMinute);

    [Fact, Trait("needs", "minutes")]
    public Task Twenty_outages_of_a_minute_lose_no_sign_in_and_no_count() => TimesAsync(run => OutageAsync(run, Minute));

    [Fact, Trait("needs", "lab")]
    public Task While_an_agent_loses_every_fifth_packet_no_promise_is_broken() => LossAsync(1, HalfMinute);

    [Fact, Trait("needs", "minutes")]
    public Task Twenty_minutes_of_lost_packets_break_no_promise() => TimesAsync(run => LossAsync(run, Minute));

    /// <summary>A fault that is really there is seen in a real history, and so the cable to the directory hides nothing: one bind more than
    /// the budget, however many of it the guesses have used up.</summary>
    [Fact, Trait("needs", "lab")]
    public async Task A_bind_that_nobody_permitted_is_found()
    {
        var cluster = await Shared.StartAsync();
        var run = new HistoryRun(cluster, Shared.Journal, seed: 4, Shared.TakeAccounts());
        AssertNone((await run.RunAsync([], TimeSpan.FromSeconds(15))).Violations);
        var history = run.Collect();
        var guess = history.Requests.Last(request => !request.IsRight);
        var ofAccount = history.Requests.Where(request => !request.IsRight && request.Account == guess.Account).Select(request => request.Number).ToHashSet();
        for (var binds = history.Binds.Count(bind => ofAccount.Contains(bind.Request)); binds <= FaultCluster.Budget; binds++)
        {
            var (code, _, _) = await ServiceProcess.TryRunAsync(
                new Dictionary<string, string>(), "ldapwhoami", "-x", "-H", cluster.DirectoryUri, "-D", PeopleDirectory.BindNameOf(guess.Account),
                "-w", Callers.WrongPassword(guess.Number));
            Assert.Equal(49, code);
        }

        Assert.Contains(HistoryChecker.Violations(run.Collect()), line => line.EndsWith($" for account {guess.Account}, {FaultCluster.Budget} allowed", StringComparison.Ordinal));
    }

    private async Task SeededAsync(int seeds)
    {
        var (first, last) = (1, seeds);
        if (Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } asked)
        {
            var numbers = asked.Split('-').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture)).ToList();
            (first, last) = (numbers[0], numbers[^1]);
        }

        List<string> violations = [];
        for (var seed = first; seed <= last; seed++)
        {
            var result = await RunAsync(seed, FaultPlan.Of(seed), FaultPlan.Length);
            violations.AddRange(result.Violations.Select(violation => $"seed {seed}: {violation}"));
        }

        AssertNone(violations);
    }

    private async Task PartitionAsync(int run, TimeSpan length)
    {
        var fault = new Fault(FaultKind.CutOff, run % FaultPlan.Agents, Before, length);
        var result = await RunAsync(run, [fault], fault.Until + After);
        AssertNone(result.Violations);
        Assert.True(result.Exits > 0, "the one that was cut off did not leave");

        // Guesses were judged on both sides before the cluster had decided, and by the others afterwards.
        var name = Shared.NameOf(fault.Agent);
        var guesses = result.During(fault).Where(answer => answer.Verdict == Verdict.BadPassword).ToList();
        Assert.Contains(guesses, answer => answer.Agent == name);
        Assert.Contains(guesses, answer => answer.Agent != name);
    }

    private async Task PauseAsync(int run, TimeSpan length)
    {
        var fault = new Fault(FaultKind.PauseAgent, run % FaultPlan.Agents, Before, length);
        var result = await RunAsync(run, [fault], fault.Until + After);
        AssertNone(result.Violations);
        Assert.True(result.Exits > 0, "the one that was paused did not leave when it woke up");
        Assert.Contains(result.During(fault), answer => answer.Verdict == Verdict.BadPassword);
    }

    private async Task LossAsync(int run, TimeSpan length)
    {
        var fault = new Fault(FaultKind.LosePackets, run % FaultPlan.Agents, Before, length);
        var result = await RunAsync(run, [fault], fault.Until + After);
        AssertNone(result.Violations);
        Assert.Contains(result.During(fault), answer => answer.Verdict == Verdict.BadPassword);
    }

    private async Task OutageAsync(int run, TimeSpan length)
    {
        var fault = new Fault(run % 2 == 0 ? FaultKind.PauseJournal : FaultKind.KillJournal, 0, Before, length);
        var result = await RunAsync(run, [fault], fault.Until + After);
        AssertNone(result.Violations);
        Assert.Contains(result.During(fault), answer => answer.Verdict == Verdict.BadPassword);
        AssertAllSignedIn(result);
    }
}
