using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public sealed class ForwardingTests
{
    [Theory]
    [InlineData(NoChoice.NoAgent, null, true)]
    [InlineData(NoChoice.AllTried, null, true)]
    [InlineData(NoChoice.NoCredit, null, false)]
    [InlineData(NoChoice.None, AgentStanding.Healthy, false)]
    [InlineData(NoChoice.None, AgentStanding.Troubled, false)]
    [InlineData(NoChoice.None, AgentStanding.Suspect, true)]
    public void Another_instance_is_asked_when_no_agent_here_is_likely_to_answer(NoChoice why, AgentStanding? chosen, bool first) =>
        Assert.Equal(first, Forwarding.ComesFirst(why, chosen));
}
