using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

public sealed class PeerDeskTests
{
    private static readonly ByteString Journal = ByteString.CopyFrom(new byte[16]);
    private static readonly AgentEntry One = new("a1", "contoso", "first", []), Two = new("a2", "contoso", "second", []), Foreign = new("b1", "other", "theirs", []);

    private readonly TenantDirectory _directory = new();
    private readonly PeerDesk _desk;

    public PeerDeskTests()
    {
        _directory.Replace(new TenantSnapshot(1, ["contoso", "other"], [], [], [One, Two, Foreign]));
        _desk = new PeerDesk(_directory, TimeProvider.System, NullLogger<PeerDesk>.Instance);
    }

    [Fact]
    public void Agents_of_one_tenant_are_told_of_each_other_and_one_of_them_may_form()
    {
        Assert.True(Ask(One).MayForm);
        Assert.True(Ask(Foreign).MayForm);
        var told = Ask(Two);

        Assert.False(told.MayForm);
        var peer = Assert.Single(told.Peers);
        Assert.Equal(("a1", "first", "a1.example:4053"), (peer.AgentId, peer.Name, peer.ClusterAddress));
    }

    [Fact]
    public void Who_has_another_journal_is_named_and_is_no_peer()
    {
        _desk.Answer(One, Question(One));
        var told = _desk.Answer(Two, new PeersRequest(Question(Two)) { Journal = ByteString.CopyFrom([.. Enumerable.Repeat((byte)1, 16)]) });

        Assert.True(told.MayForm);
        Assert.Empty(told.Peers);
        Assert.Equal(["first"], told.Apart);
    }

    [Fact]
    public void Who_is_revoked_is_told_of_as_such_and_is_no_peer()
    {
        Ask(One);
        _directory.Replace(new TenantSnapshot(2, ["contoso"], [], [], [Two], [One]));
        var told = Ask(Two);

        Assert.True(told.MayForm);
        Assert.Empty(told.Peers);
        Assert.Equal(["a1"], told.Revoked);
    }

    [Theory]
    [InlineData("127.0.0.1:4053", true)]
    [InlineData("[::1]:4053", true)]
    [InlineData("agent-1.example:4053", true)]
    [InlineData("agent-1.example", false)]
    [InlineData("agent 1:4053", false)]
    [InlineData("a\n:4053", false)]
    [InlineData("", false)]
    public void An_address_is_a_host_and_a_port(string address, bool taken)
    {
        var fault = Record.Exception(() => _desk.Answer(One, new PeersRequest(Question(One)) { ClusterAddress = address }));
        Assert.Equal(taken ? null : StatusCode.InvalidArgument, (fault as RpcException)?.StatusCode);
    }

    private static PeersRequest Question(AgentEntry agent) =>
        new() { ClusterAddress = $"{agent.Id}.example:4053", Journal = Journal, WantsToForm = true };

    private PeersReply Ask(AgentEntry agent) => _desk.Answer(agent, Question(agent));
}
