using Akka.Actor;
using Akka.Cluster;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Peers;

public sealed class NodeTlsTests : IDisposable
{
    private static readonly AccountKey Person = new("corp.example", new Guid(1, 0, 0, new byte[8]));

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _foreign = new("Another CA");
    private readonly ScratchDirectory _folder = new();
    private readonly StringWriter _words = new();
    private readonly TextWriter _log;

    public NodeTlsTests() => _log = TextWriter.Synchronized(_words);

    public void Dispose()
    {
        _authority.Dispose();
        _foreign.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Whoever_sits_at_a_nodes_address_and_is_none_is_refused_and_who_dialled_goes_on()
    {
        await using var first = await StartAsync("a1");
        await using var second = await StartAsync("a2", first.EndPoint);
        await MembersAsync(2, first, second);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (stranger, why) in new (Stranger, string)[]
        {
            (Stranger.With(_foreign.Enrol("a3").Certificate), "its certificate is not from the CA of this agent's gateway"),
            (Stranger.With(_authority.Enrol("a3", "other").Certificate), "it is agent a3 of another tenant, other"),
            (Stranger.With(_authority.Enrol("a3", notBefore: now.AddHours(-2), notAfter: now.AddHours(-1)).Certificate), "its certificate is not valid now"),
            (Stranger.With(_authority.ForServer()), "its certificate is not an agent's"),
            (Stranger.With(_authority.Enrol("a1").Certificate), "it has this agent's own certificate"),
            (Stranger.Babbling(), "it does not speak the nodes' TLS"),
            (Stranger.HangingUp(), "it does not speak the nodes' TLS"),
        })
        {
            using (stranger)
            {
                await Assert.ThrowsAsync<ActorNotFoundException>(() => DialAsync(first, stranger.EndPoint));
                await Wait.UntilAsync(() => stranger.Met > 0
                    && Log().Contains($"what answers at {stranger.EndPoint}: {why}", StringComparison.Ordinal));
            }
        }

        await MembersAsync(2, first, second);
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(first, Person));
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(second, Person));
        Assert.False(first.System.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task Who_dials_a_node_and_is_none_is_refused_in_one_line_and_the_node_goes_on()
    {
        await using var node = await StartAsync("a1");
        var port = PortOf(node);

        await Stranger.BabbleAsync(port);
        await SaidAsync("it does not speak the nodes' TLS");
        await Stranger.DialAsync(port, certificate: null);
        await SaidAsync("it shows no certificate");
        await Stranger.DialAsync(port, _authority.Enrol("a9", "other").Certificate);
        await SaidAsync("it is agent a9 of another tenant, other");
        await Stranger.DialAsync(port, _authority.ForServer());
        await SaidAsync("its certificate is not an agent's");
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            await Stranger.DialAsync(port, _foreign.Enrol("a2").Certificate);
        }

        // The same reason is told once a minute, whoever it was.
        var minutes = (int)TimeProvider.System.GetElapsedTime(began).TotalMinutes;
        Assert.InRange(Log().Split('\n').Count(line => line.Contains("not from the CA", StringComparison.Ordinal)), 1, 1 + minutes);

        // A node of ours that sends no frames is cut off, and that is all.
        Assert.NotNull(await Stranger.DialAsync(port, _authority.Enrol("a2").Certificate));
        await using var peer = await StartAsync("a3", node.EndPoint);
        await MembersAsync(2, node, peer);
    }

    [Fact]
    public async Task A_renewed_certificate_is_in_use_from_the_next_handshake_on()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (old, renewed) = (_authority.Enrol("a1", notAfter: now.AddSeconds(90)), _authority.Enrol("a1"));
        var identity = new CurrentIdentity(old);
        await using var node = await StartAsync("a1", seed: null, identity);
        await using var peer = await StartAsync("a2", node.EndPoint);
        await MembersAsync(2, node, peer);
        var third = _authority.Enrol("a3").Certificate;
        Assert.Equal(old.Certificate.SerialNumber, (await Stranger.DialAsync(PortOf(node), third))!.SerialNumber);

        identity.Replace(renewed);

        Assert.Equal(renewed.Certificate.SerialNumber, (await Stranger.DialAsync(PortOf(node), third))!.SerialNumber);
        await Wait.UntilAsync(() => TimeProvider.System.GetUtcNow() > old.NotAfter, seconds: 120);
        await MembersAsync(2, node, peer);
        await using var late = await StartAsync("a4", node.EndPoint);
        await MembersAsync(3, node, peer, late);
    }

    [Fact]
    public async Task Nodes_talk_over_ipv6()
    {
        await using var first = await StartAsync("a1", address: "::1");
        await using var second = await StartAsync("a2", first.EndPoint, address: "::1");
        Assert.StartsWith("[::1]:", second.EndPoint, StringComparison.Ordinal);
        await MembersAsync(2, first, second);
    }

    private static int PortOf(TestNode node) => Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port!.Value;

    private static Task<IActorRef> DialAsync(TestNode node, string address) => node.System.ActorSelection(
        $"akka.tcp://{ClusterNodeOptions.DefaultName}@{address}/system/cluster/core/daemon").ResolveOne(TimeSpan.FromSeconds(4));

    private static Task MembersAsync(int count, params TestNode[] nodes) => Wait.UntilAsync(() => nodes.All(node =>
        Akka.Cluster.Cluster.Get(node.System).State is var state && state.Unreachable.IsEmpty
        && state.Members.Count == count && state.Members.All(member => member.Status == MemberStatus.Up)));

    private Task<TestNode> StartAsync(string agent, string? seed = null, CurrentIdentity? identity = null, string address = "127.0.0.1") =>
        TestNode.StartAsync(
            _folder.File("journal.db"), policy: null, node => (node.SeedNodes, node.BindAddress) = (seed is null ? [] : [seed], address), _log,
            identity ?? new CurrentIdentity(_authority.Enrol(agent)));

    private Task SaidAsync(string why) => Wait.UntilAsync(() => Log().Contains($"who dialled from 127.0.0.1: {why}", StringComparison.Ordinal));

    private string Log()
    {
        lock (_log)
        {
            return _words.ToString();
        }
    }
}
