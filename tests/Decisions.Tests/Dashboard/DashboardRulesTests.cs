using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Decisions.Tests.Dashboard;

public class DashboardRulesTests
{
    [Theory]
    [InlineData("up", true, 0, "works", HealthState.Healthy, "works")]
    [InlineData("up", true, 0, "draining", HealthState.Degraded, "draining")]
    [InlineData("up", true, 0, "no gateway", HealthState.Unhealthy, "no gateway")]
    [InlineData("up", true, 0, "", HealthState.Degraded, "answers in part")]
    [InlineData("up", true, 1, "", HealthState.Degraded, "does not answer")]
    [InlineData("up", true, 2, "", HealthState.Unhealthy, "does not answer")]
    [InlineData("up", false, 1, "", HealthState.Unhealthy, "unreachable")]
    [InlineData("up", false, 0, "works", HealthState.Unhealthy, "unreachable")]
    [InlineData("leaving", true, 0, "works", HealthState.Degraded, "leaving")]
    [InlineData("joining", true, 1, "", HealthState.Degraded, "joining")]
    public void A_node_is_what_the_cluster_and_it_itself_say(string status, bool reachable, int missed, string work, HealthState state, string words) =>
        Assert.Equal(new Finding(state, words), DashboardRules.Node(status, reachable, missed, work));

    [Theory]
    [InlineData(true, 3, 0, false, HealthState.Healthy, "ready")]
    [InlineData(true, 249.9, 5, false, HealthState.Healthy, "ready")]
    [InlineData(true, 250, 5, false, HealthState.Degraded, "slow")]
    [InlineData(true, 3, 0, true, HealthState.Degraded, "taken out")]
    [InlineData(true, 999, 1, false, HealthState.Degraded, "slow")]
    [InlineData(true, 1_000, 1, false, HealthState.Unhealthy, "silent for 1 s")]
    [InlineData(true, 3_400, 1, true, HealthState.Unhealthy, "silent for 3 s")]
    [InlineData(true, 3_400, 0, false, HealthState.Degraded, "slow")]
    [InlineData(false, 3, 0, true, HealthState.Unhealthy, "no answer")]
    public void A_controller_is_silent_before_it_is_given_up(bool ready, double ms, int outstanding, bool ejected, HealthState state, string words) =>
        Assert.Equal(new Finding(state, words), DashboardRules.Controller(ready, ms, outstanding, ejected));

    [Fact]
    public void Of_what_several_nodes_see_the_worst_is_shown_and_who_sees_it()
    {
        var (well, gone) = (Finding.Well("ready"), new Finding(HealthState.Unhealthy, "no answer"));
        Assert.Equal("no answer (seen by b)", DashboardRules.Worst([("a", well), ("b", gone)]).Reason);
        Assert.Equal("no answer", DashboardRules.Worst([("a", gone), ("b", gone)]).Reason);
        Assert.Equal(well, DashboardRules.Worst([("a", well), ("b", well)]));
        Assert.Equal(HealthState.Healthy, DashboardRules.Worst([]).State);
    }

    [Fact]
    public void An_attack_is_told_with_its_figures_and_times()
    {
        var at = new DateTimeOffset(2026, 11, 23, 3, 0, 0, TimeSpan.Zero);
        Assert.Equal(
            new Finding(HealthState.Unhealthy, "passwords are being guessed: 240 failures since 03:00:00, 0.2 a second are usual"),
            DashboardRules.Of(new Guessing(true, 240, at, at.AddSeconds(10), 0.2)));
        Assert.Equal(
            new Finding(HealthState.Degraded, "passwords were guessed: 240 failures from 03:00:00 to 03:00:15, 0 a second are usual"),
            DashboardRules.Of(new Guessing(false, 240, at, at.AddSeconds(10), 0)));
    }

    [Fact]
    public void Every_verdict_has_a_reason_that_fits_a_cell() =>
        Assert.All(VerdictTable.Rows, row => Assert.InRange(DashboardRules.Reason(row.Verdict).Length, 8, 40));
}
