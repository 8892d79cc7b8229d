using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Hosting;

/// <summary>What a worker does with permits.</summary>
internal static class Permits
{
    public static Task<PermitAnswer> AskAsync(TestNode node, AccountKey account) =>
        node.Desk.AskAsync(new PermitRequest(account, ClientSource.Nowhere, TestNode.NewAttempt()), TestNode.Within(30));

    public static Task FailAsync(TestNode node, AccountKey account) => SettleAsync(node, account, Settlement.Failed);

    public static Task SucceedAsync(TestNode node, AccountKey account) => SettleAsync(node, account, Settlement.Succeeded);

    private static async Task SettleAsync(TestNode node, AccountKey account, Settlement how)
    {
        var attempt = TestNode.NewAttempt();
        PermitAnswer? answer = null;

        // A table of slots that is slow gives none: then it is asked again, as whoever signs in does.
        await Wait.UntilAsync(async () => (answer = await node.Desk.AskAsync(
            new PermitRequest(account, ClientSource.Nowhere, attempt), TestNode.Within(30))) is not PermitAnswer.TooManyOpen);
        var granted = Assert.IsType<PermitAnswer.Granted>(answer);
        Assert.True(await node.Desk.SettleAsync(account, attempt, granted.Permit, how, null, TestNode.Within(30)));
    }
}
