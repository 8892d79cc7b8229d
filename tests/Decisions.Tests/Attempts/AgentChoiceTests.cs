using CsCheck;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class AgentChoiceTests
{
    private static readonly Gen<AgentLoad> AnyAgent = Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, 5], Gen.Enum<AgentStanding>(), Gen.Bool,
        (outstanding, credits, standing, tried) => new AgentLoad(outstanding, credits, standing, tried));

    [Fact]
    public void The_agent_with_the_least_outstanding_work_is_chosen() =>
        Assert.Equal(2, Choose([Healthy(3), Healthy(2), Healthy(1), Healthy(2)]));

    [Fact]
    public void A_healthy_agent_with_more_work_comes_before_a_troubled_one_and_that_before_a_suspect()
    {
        Assert.Equal(1, Choose([Agent(0, AgentStanding.Suspect), Healthy(9), Agent(0, AgentStanding.Troubled)]));
        Assert.Equal(1, Choose([Agent(0, AgentStanding.Suspect), Agent(9, AgentStanding.Troubled)]));
    }

    [Fact]
    public void A_suspect_is_asked_when_there_is_nobody_else() => Assert.Equal(0, Choose([Agent(1, AgentStanding.Suspect)]));

    [Theory, InlineData(9, 0, NoChoice.None), InlineData(10, -1, NoChoice.NoCredit)]
    public void The_last_credit_is_used_and_no_more(int outstanding, int expected, NoChoice expectedWhy)
    {
        Assert.Equal(expected, AgentChoice.Choose([Healthy(outstanding)], 0, out var why));
        Assert.Equal(expectedWhy, why);
    }

    [Fact]
    public void Who_leaves_is_never_chosen_and_does_not_count_as_an_agent()
    {
        Assert.Equal(-1, AgentChoice.Choose([Agent(0, AgentStanding.Leaving)], 0, out var why));
        Assert.Equal(NoChoice.NoAgent, why);
    }

    [Fact]
    public void Who_had_the_attempt_is_not_asked_again()
    {
        var tried = Healthy(0) with { Tried = true };
        Assert.Equal(1, Choose([tried, Healthy(5)]));
        Assert.Equal(-1, AgentChoice.Choose([tried, Agent(0, AgentStanding.Leaving)], 0, out var why));
        Assert.Equal(NoChoice.AllTried, why);
    }

    [Fact]
    public void Without_agents_the_reason_is_that_there_is_none()
    {
        Assert.Equal(-1, AgentChoice.Choose([], 0, out var why));
        Assert.Equal(NoChoice.NoAgent, why);
    }

    [Theory, InlineData(0.0, 0), InlineData(0.33, 0), InlineData(0.34, 2), InlineData(0.67, 3), InlineData(0.999999, 3)]
    public void Equals_are_drawn_from_evenly(double draw, int expected) =>
        Assert.Equal(expected, AgentChoice.Choose([Healthy(1), Healthy(2), Healthy(1), Healthy(1)], draw, out _));

    [Fact]
    public void No_choice_breaks_a_credit_or_passes_by_a_better_agent() =>
        AnyAgent.Array[0, 8].Select(Gen.Double[0, 0.999999]).Sample((agents, draw) =>
        {
            var index = AgentChoice.Choose(agents, draw, out var why);
            var able = agents.Where(a => !a.Tried && a.Standing != AgentStanding.Leaving && a.Outstanding < a.Credits).ToList();
            Assert.Equal(able.Count > 0, index >= 0);
            Assert.Equal(able.Count > 0, why == NoChoice.None);
            if (index >= 0)
            {
                Assert.Contains(agents[index], able);
                Assert.Equal(able.Min(a => (a.Standing, a.Outstanding)), (agents[index].Standing, agents[index].Outstanding));
            }
        });

    [Theory]
    [InlineData(true, true, 0, AgentStanding.Leaving)]
    [InlineData(false, true, 1999, AgentStanding.Healthy)]
    [InlineData(false, true, 2000, AgentStanding.Suspect)]
    [InlineData(false, false, 1999, AgentStanding.Troubled)]
    [InlineData(false, false, 2000, AgentStanding.Suspect)]
    public void Standing_is_told_from_what_was_heard(bool leaving, bool well, int unheardMs, AgentStanding expected) =>
        Assert.Equal(
            expected, AgentChoice.Standing(leaving, well, TimeSpan.FromMilliseconds(unheardMs), TimeSpan.FromSeconds(2)));

    private static AgentLoad Healthy(int outstanding) => Agent(outstanding, AgentStanding.Healthy);

    private static AgentLoad Agent(int outstanding, AgentStanding standing) => new(outstanding, 10, standing, Tried: false);

    private static int Choose(AgentLoad[] agents) => AgentChoice.Choose(agents, 0, out _);

    [Theory, InlineData(2, 1u, true), InlineData(2, 2u, false), InlineData(1, 3u, false), InlineData(2, 0u, false)]
    public void More_agents_than_one_cluster_has_nodes_are_apart(int connected, uint members, bool apart) =>
        Assert.Equal(apart, AgentChoice.AreApart(connected, members));
}
