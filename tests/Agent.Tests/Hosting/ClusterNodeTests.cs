using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;
using Xunit.Abstractions;

namespace Passthrough.Agent.Tests.Hosting;

public sealed class ClusterNodeTests(ITestOutputHelper output)
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("11111111-2222-3333-4444-555555555555"));

    [Fact]
    public async Task A_cluster_of_one_grants_permits()
    {
        using var folder = new ScratchDirectory();
        var log = new StringWriter();
        try
        {
            await using var node = await TestNode.StartAsync(folder.File("journal.db"), log: log);
            var attempt = TestNode.NewAttempt();

            var answer = await node.Desk.AskAsync(Anna, attempt, TestNode.Within(20));

            var granted = Assert.IsType<PermitAnswer.Granted>(answer);
            Assert.True(await node.Desk.SettleAsync(Anna, attempt, granted.Permit, Settlement.Failed, TestNode.Within(20)));
        }
        finally
        {
            output.WriteLine(log.ToString());
        }
    }
}
