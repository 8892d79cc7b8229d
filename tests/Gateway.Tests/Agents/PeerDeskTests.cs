using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

public sealed class PeerDeskTests : IAsyncLifetime
{
    private static readonly ByteString Journal = ByteString.CopyFrom(new byte[16]);
    private static readonly AgentEntry One = new("a1", "contoso", "first", []), Two = new("a2", "contoso", "second", []), Foreign = new("b1", "other", "theirs", []);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-peers-");
    private readonly TenantDirectory _directory = new();
    private GatewayContextFactory _database = null!;
    private InstanceWatch _instance = null!;
    private PeerDesk _desk = null!;

    public async Task InitializeAsync()
    {
        _directory.Replace(new TenantSnapshot(1, ["contoso", "other"], [], [], [One, Two, Foreign]));
        _database = GatewayContextFactory.Create("", _folder.FullName);
        await DatabaseMigration.RunAsync(_database, StateDirectory.Open(_folder.FullName), default);
        await using var context = _database.CreateDbContext();
        var now = TimeProvider.System.GetUtcNow();
        context.Tenants.AddRange(new Tenant { Id = "contoso", DisplayName = "", CreatedAt = now }, new Tenant { Id = "other", DisplayName = "", CreatedAt = now });
        context.Agents.AddRange(new[] { One, Two, Foreign }.Select(agent => new AgentRecord
        {
            Id = agent.Id,
            TenantId = agent.Tenant,
            Name = agent.Name,
            Forests = [],
            EnrolledAt = now,
        }));
        await context.SaveChangesAsync();
        _instance = await OpenInstance.OnAsync(_database, "g1");
        _desk = new PeerDesk(
            _directory, new PeerBooks(_database, TimeProvider.System), new GatewayAddresses { Streams = ["https://g1:8445", "https://g2:8445"] },
            NullLogger<PeerDesk>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _instance.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Agents_of_one_tenant_are_told_of_each_other_and_one_of_them_may_form()
    {
        Assert.True((await AskAsync(One)).MayForm);
        Assert.True((await AskAsync(Foreign)).MayForm);
        var told = await AskAsync(Two);

        Assert.False(told.MayForm);
        var peer = Assert.Single(told.Peers);
        Assert.Equal(("a1", "first", "a1.example:4053"), (peer.AgentId, peer.Name, peer.ClusterAddress));
        Assert.Equal(["https://g1:8445", "https://g2:8445"], told.StreamAddresses);
    }

    [Fact]
    public async Task Who_has_another_journal_is_named_and_is_no_peer()
    {
        await _desk.AnswerAsync(One, Question(One), default);
        var told = await _desk.AnswerAsync(
            Two, new PeersRequest(Question(Two)) { Journal = ByteString.CopyFrom([.. Enumerable.Repeat((byte)1, 16)]) }, default);

        Assert.True(told.MayForm);
        Assert.Empty(told.Peers);
        Assert.Equal(["first"], told.Apart);
    }

    [Fact]
    public async Task Who_is_revoked_is_told_of_as_such_and_is_no_peer()
    {
        await AskAsync(One);
        _directory.Replace(new TenantSnapshot(2, ["contoso"], [], [], [Two], [One]));
        await using (var context = _database.CreateDbContext())
        {
            await context.Agents.Where(agent => agent.Id == One.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(agent => agent.RevokedAt, TimeProvider.System.GetUtcNow()));
        }

        var told = await AskAsync(Two);

        Assert.True(told.MayForm);
        Assert.Empty(told.Peers);
        Assert.Equal(["a1"], told.Revoked);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_gives_no_leave_and_sends_the_agent_to_another_instance()
    {
        await using (var context = _database.CreateDbContext())
        {
            await context.Database.ExecuteSqlRawAsync("DROP TABLE \"PeerBooks\"");
        }

        var fault = await Assert.ThrowsAsync<RpcException>(() => AskAsync(One));
        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1:4053", true)]
    [InlineData("[::1]:4053", true)]
    [InlineData("agent-1.example:4053", true)]
    [InlineData("agent-1.example", false)]
    [InlineData("agent 1:4053", false)]
    [InlineData("a\n:4053", false)]
    [InlineData("", false)]
    public async Task An_address_is_a_host_and_a_port(string address, bool taken)
    {
        var fault = await Record.ExceptionAsync(
            () => _desk.AnswerAsync(One, new PeersRequest(Question(One)) { ClusterAddress = address }, default));
        Assert.Equal(taken ? null : StatusCode.InvalidArgument, (fault as RpcException)?.StatusCode);
    }

    private static PeersRequest Question(AgentEntry agent) =>
        new() { ClusterAddress = $"{agent.Id}.example:4053", Journal = Journal, WantsToForm = true };

    private Task<PeersReply> AskAsync(AgentEntry agent) => _desk.AnswerAsync(agent, Question(agent), default);
}
