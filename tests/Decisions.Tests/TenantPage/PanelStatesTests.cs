using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Monitoring;
using Passthrough.Decisions.TenantPage;
using static Passthrough.Decisions.Monitoring.HealthState;

namespace Passthrough.Decisions.Tests.TenantPage;

/// <summary>What the cells of the tenant page say.</summary>
public class PanelStatesTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(AgentStanding.Healthy, "", true, "connected", Healthy)]
    [InlineData(AgentStanding.Healthy, "b", true, "connected", Healthy)]
    [InlineData(AgentStanding.Troubled, "", true, "connected, reaches no forest or is not well", Degraded)]
    [InlineData(AgentStanding.Suspect, "b", true, "silent over work", Unhealthy)]
    [InlineData(AgentStanding.Leaving, "", true, "leaving", Degraded)]
    [InlineData(null, "b c", true, "connected to b, c only", Healthy)]
    [InlineData(null, "", true, "not connected", Unhealthy)]
    [InlineData(null, "", false, "never connected", Degraded)]
    public void An_agent(AgentStanding? here, string elsewhere, bool hasConnected, string text, HealthState? state) =>
        Assert.Equal(new Said(text, state), PanelStates.Agent(here, elsewhere.Split(' ', StringSplitOptions.RemoveEmptyEntries), hasConnected));

    [Theory]
    [InlineData(10, 0, "0 of 10", null)]
    [InlineData(10, -1, "0 of 10", null)]
    [InlineData(10, 8, "8 of 10", null)]
    [InlineData(10, 9, "9 of 10", Degraded)]
    [InlineData(10, 10, "10 of 10", Unhealthy)]
    [InlineData(0, 0, "0 of 0", Unhealthy)]
    public void Credits(int given, int used, string text, HealthState? state) => Assert.Equal(new Said(text, state), PanelStates.Credits(given, used));

    [Theory]
    [InlineData(-1, 23, "60 min old, ends in 23 h", Healthy)]
    [InlineData(-20, 4, "20 h old, ends in 4 h", Degraded)]
    [InlineData(-24, 0, "ended", Unhealthy)]
    [InlineData(1, 25, "0 s old, ends in 25 h", Degraded)]
    public void A_certificate(int begins, int ends, string text, HealthState? state) =>
        Assert.Equal(new Said(text, state), PanelStates.Certificate(Now.AddHours(begins), Now.AddHours(ends), Now));

    [Theory]
    [InlineData(4, "4 s ago", null)]
    [InlineData(7.5, "7 s ago", null)]
    [InlineData(8, "8 s ago", Degraded)]
    [InlineData(11, "11 s ago", Unhealthy)]
    public void A_sign_of_life(double seconds, string text, HealthState? state) =>
        Assert.Equal(new Said(text, state), PanelStates.Heard(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(5)));

    [Theory]
    [InlineData(3, 2, 0, "by 2 of 3 agents", Healthy)]
    [InlineData(2, 1, 0, "by one of 2 agents: nothing takes over if it stops", Degraded)]
    [InlineData(2, 0, 1, "through other instances only, by 1 agents", Degraded)]
    [InlineData(2, 0, 0, "none of 2 agents reaches it", Unhealthy)]
    [InlineData(0, 0, 0, "no agent is connected", Unhealthy)]
    public void A_forest(int connected, int usable, int elsewhere, string text, HealthState? state) =>
        Assert.Equal(new Said(text, state), PanelStates.Forest(new ForestAgents("t", "f", connected, usable, elsewhere)));

    [Theory]
    [InlineData(0, 0, false, "not asked lately", null)]
    [InlineData(5, 0, false, "answers", Healthy)]
    [InlineData(5, 1, false, "answers again", Degraded)]
    [InlineData(5, 1, true, "did not answer last", Unhealthy)]
    [InlineData(0, 1, true, "did not answer last", Unhealthy)]
    public void A_domain_controller(int answers, int failures, bool failedLast, string text, HealthState? state) =>
        Assert.Equal(new Said(text, state), PanelStates.Controller(new ControllerSeen(answers, failures, failedLast)));

    [Theory]
    [InlineData(Verdict.Success, Healthy)]
    [InlineData(Verdict.BadPassword, null)]
    [InlineData(Verdict.SmartLocked, Degraded)]
    [InlineData(Verdict.NoAgent, Unhealthy)]
    public void A_verdict(Verdict verdict, HealthState? state) => Assert.Equal(state, PanelStates.Of(verdict));
}
