using Akka.Cluster;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Peers;

public sealed class PartitionLeaseTests : IDisposable
{
    private static readonly AccountKey Person = new("corp.example", new Guid(1, 0, 0, new byte[8]));

    private readonly ScratchDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(0), InlineData(1)]
    public async Task Of_two_nodes_either_may_crash_and_the_other_goes_on(int crashes)
    {
        await using var server = await PostgreSql.MakeAsync();
        var (first, second) = await PairAsync(server);
        await using var one = first;
        await using var two = second;
        var (gone, left) = crashes == 0 ? (first, second) : (second, first);

        await gone.CrashAsync();

        await Wait.UntilAsync(() => Akka.Cluster.Cluster.Get(left.System).State is { Members.Count: 1, Unreachable.IsEmpty: true });
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(left, Person));
        Assert.Equal(1L, server.Scalar($"SELECT count(*) FROM node_left_out WHERE decided_by LIKE '%{left.EndPoint}'"));
    }

    [Fact]
    public async Task Who_was_left_out_never_goes_on_however_late_it_asks()
    {
        await using var server = await PostgreSql.MakeAsync();
        var (first, second) = await PairAsync(server);
        await using var one = first;
        await using var two = second;
        var self = Akka.Cluster.Cluster.Get(second.System).SelfUniqueAddress;
        server.Scalar($"INSERT INTO node_left_out VALUES ('{self.Address}#{self.Uid}', 'the other', now() - interval '1 hour')");

        await first.CrashAsync();

        await second.System.WhenTerminated.InTime();
    }

    private async Task<(TestNode First, TestNode Second)> PairAsync(PostgreSql server)
    {
        var journal = PostgreSql.Journal(_folder.File("connection"), server.ConnectionString);
        var first = await TestNode.StartAsync(journal, patience: TimeSpan.FromSeconds(60));
        var second = await TestNode.StartAsync(journal, options: node => node.SeedNodes = [first.EndPoint], patience: TimeSpan.FromSeconds(60));
        await Wait.UntilAsync(() => Akka.Cluster.Cluster.Get(first.System).State.Members.Count(member => member.Status == MemberStatus.Up) == 2);
        return (first, second);
    }
}
