using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public sealed class CreditShareTests
{
    [Theory]
    [InlineData(256, 0, 256)]
    [InlineData(256, 1, 256)]
    [InlineData(256, 2, 256)]
    [InlineData(256, 3, 170)]
    [InlineData(256, 16, 32)]
    [InlineData(1, 16, 1)]
    [InlineData(65_535, 3, 43_690)]
    public void Instances_share_what_an_agent_can_hold(int credits, int gateways, int each) => Assert.Equal(each, CreditShare.Of(credits, gateways));
}
