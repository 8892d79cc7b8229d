using Passthrough.Decisions.Attempts;
using Xunit.Abstractions;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>Somebody sets an agent's clock an hour forward or back, and after a while right again.</summary>
[Collection("lab")]
public sealed class ClockFaultHistoryTests(ClockFaultHistoryTests.ClocksCluster shared, ITestOutputHelper output)
    : FaultHistories(shared, output), IClassFixture<ClockFaultHistoryTests.ClocksCluster>
{
    [Fact, Trait("needs", "lab")]
    public Task A_clock_that_is_set_an_hour_forward_frees_no_budget_and_refuses_nobody() => StepAsync(1, FaultKind.ClockForward, HalfMinute);

    [Fact, Trait("needs", "lab")]
    public Task A_clock_that_is_set_an_hour_back_frees_no_budget_and_refuses_nobody() => StepAsync(2, FaultKind.ClockBack, HalfMinute);

    [Fact, Trait("needs", "minutes")]
    public Task Twenty_steps_of_a_clock_for_a_minute_free_no_budget_and_refuse_nobody() =>
        TimesAsync(run => StepAsync(run, run % 2 == 0 ? FaultKind.ClockBack : FaultKind.ClockForward, Minute));

    private async Task StepAsync(int run, FaultKind kind, TimeSpan length)
    {
        var fault = new Fault(kind, run % FaultPlan.Agents, Before, length);
        var result = await RunAsync(run, [fault], fault.Until + After);
        AssertNone(result.Violations);
        AssertAllSignedIn(result);

        // It goes on with its work.
        Assert.Contains(result.During(fault), answer => answer.Verdict == Verdict.BadPassword && answer.Agent == Shared.NameOf(fault.Agent));
    }

    public sealed class ClocksCluster : SharedCluster
    {
        protected override int Histories => 2 + Runs;

        private protected override Task<FaultCluster> MakeAsync(int people) => FaultCluster.StartAsync(people, hasClocks: true);
    }
}
