namespace Passthrough.Cluster.Tests.Histories;

public sealed class FaultPlanTests
{
    private static readonly int[] Seeds = [.. Enumerable.Range(1, 200)];

    [Fact]
    public void A_seed_means_the_same_on_every_machine() => Assert.Equal(
        "CutOffInward agent-2 7.2-8.6 s; DelayStream agent-1 11.7-24.0 s", string.Join("; ", FaultPlan.Of(1)));

    [Fact]
    public void Every_plan_has_faults_and_time_before_and_after_them()
    {
        Assert.All(Seeds, seed => Assert.InRange(FaultPlan.Of(seed).Length, 1, 4));
        Assert.All(Seeds.SelectMany(seed => FaultPlan.Of(seed)), fault =>
        {
            Assert.True(fault.From >= FaultPlan.FirstAt && fault.Until <= FaultPlan.AllOver && fault.Duration > TimeSpan.Zero, $"{fault}");
            Assert.InRange(fault.Agent, 0, FaultPlan.Agents - 1);
        });
    }

    [Fact]
    public void Two_hundred_seeds_have_every_fault_of_every_agent_short_and_long_and_each_two_kinds_at_once()
    {
        var plans = Seeds.Select(seed => FaultPlan.Of(seed)).ToList();
        foreach (var kind in Enum.GetValues<FaultKind>().Where(kind => kind <= FaultPlan.LastSeeded))
        {
            var faults = plans.SelectMany(plan => plan).Where(fault => fault.Kind == kind).ToList();
            Assert.Contains(faults, fault => fault.Duration < TimeSpan.FromSeconds(2));
            Assert.Contains(faults, fault => fault.Duration > TimeSpan.FromSeconds(5));
            Assert.True(!faults[0].IsOfAgent || faults.Select(fault => fault.Agent).Distinct().Count() == FaultPlan.Agents);
        }

        Assert.True(plans.Count(plan => plan.Any(one => plan.Any(other => one.Kind != other.Kind && other.From < one.Until && one.From < other.From))) > 50);
    }
}
