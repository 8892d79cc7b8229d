using Passthrough.Decisions.Peers;

namespace Passthrough.Decisions.Tests.Peers;

public sealed class FormingTests
{
    [Theory]
    [InlineData(true, 0, FormingStep.Form)]
    [InlineData(true, 19, FormingStep.Form)]
    [InlineData(true, 20, FormingStep.Join)]
    [InlineData(false, 0, FormingStep.Join)]
    [InlineData(null, 0, FormingStep.Join)]
    public void An_agent_forms_a_cluster_by_a_leave_that_is_young(bool? mayForm, int seconds, FormingStep step) =>
        Assert.Equal(step, Forming.Next(mayForm, TimeSpan.FromSeconds(seconds)));
}
