using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Hosting;

public sealed class ClusterNodeTests
{
    private static readonly AccountKey[] People =
        [.. Enumerable.Range(1, 40).Select(number => new AccountKey("corp.example", new Guid(number, 0, 0, new byte[8])))];

    [Fact]
    public async Task Two_nodes_share_one_count_and_the_second_goes_on_when_the_first_leaves()
    {
        using var folder = new ScratchDirectory();
        var journal = folder.File("journal.db");
        var policy = new LockoutPolicy { Budget = 4, LockTime = TimeSpan.FromHours(1) };
        await using var first = await TestNode.StartAsync(journal, policy);
        await using var second = await TestNode.StartAsync(journal, policy, node => node.SeedNodes = [first.EndPoint]);
        await Wait.UntilAsync(() => Akka.Cluster.Cluster.Get(first.System).State.Members.Count(member => member.Status == MemberStatus.Up) == 2);

        // Two failures through each node lock, wherever the account lives.
        foreach (var person in People)
        {
            await Permits.FailAsync(first, person);
            await Permits.FailAsync(second, person);
            await Permits.FailAsync(first, person);
            await Permits.FailAsync(second, person);
        }

        foreach (var person in People)
        {
            Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(first, person));
            Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(second, person));
        }

        using var handedOff = new Counted("passthrough.agent.shard.hand_offs");
        await first.StopAsync();
        Assert.True(handedOff.All >= 1);
        foreach (var person in People)
        {
            Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(second, person));
        }
    }

    [Fact]
    public async Task A_peer_may_talk_to_the_sharding_and_to_nothing_else()
    {
        using var folder = new ScratchDirectory();
        await using var node = await TestNode.StartAsync(folder.File("journal.db"));
        node.System.ActorOf(Props.Create(() => new Echo()), "echo");
        await using var peer = await TestNode.StartAsync(folder.File("journal.db"), options: options => options.SeedNodes = [node.EndPoint]);
        var address = $"akka.tcp://{ClusterNodeOptions.DefaultName}@{node.EndPoint}";

        var region = await peer.System.ActorSelection($"{address}/system/sharding/lockout").ResolveOne(Await.Patience);
        var echo = await Record.ExceptionAsync(
            () => peer.System.ActorSelection($"{address}/user/echo").ResolveOne(TimeSpan.FromSeconds(2)));

        Assert.Equal("lockout", region.Path.Name);
        Assert.IsType<ActorNotFoundException>(echo);
        Assert.NotNull(await node.System.ActorSelection("/user/echo").ResolveOne(Await.Patience));
    }

    [Fact]
    public async Task A_message_of_an_unlisted_type_has_no_serializer()
    {
        using var folder = new ScratchDirectory();
        await using var node = await TestNode.StartAsync(folder.File("journal.db"));
        var serialization = node.System.Serialization;

        Assert.IsType<LockoutMessageSerializer>(serialization.FindSerializerFor(new LockoutProtocol.UnlockAccount(People[0], "", "")));
        Assert.IsType<LockoutEventSerializer>(serialization.FindSerializerFor(LedgerState.Empty));
        Assert.ThrowsAny<Exception>(() => serialization.FindSerializerFor(new UriBuilder()));
        Assert.ThrowsAny<Exception>(() => serialization.FindSerializerFor(new object()).ToBinary(new object()));
        Assert.ThrowsAny<Exception>(() => serialization.FindSerializerFor(new LedgerProtocol.Enter(People[0])).ToBinary(new LedgerProtocol.Enter(People[0])));

        // What the default JSON serializer would have made of it: the type that the message names.
        const string message = """{"$type":"System.UriBuilder, System.Private.Uri","Host":"evil.example"}""";
        Assert.ThrowsAny<Exception>(() => serialization.Deserialize(
            System.Text.Encoding.UTF8.GetBytes(message), RefusingSerializer.Id, "System.UriBuilder, System.Private.Uri"));
    }

    [Fact]
    public async Task A_taken_port_is_one_line_that_names_it()
    {
        using var folder = new ScratchDirectory();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var fault = await Assert.ThrowsAsync<ClusterStartException>(
            () => TestNode.StartAsync(folder.File("journal.db"), options: node => node.Port = port));

        Assert.Contains($"port {port} on 127.0.0.1 is taken", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
        Assert.False(File.Exists(folder.File("journal.db")), "nothing was started");
    }

    [Fact]
    public void Faults_in_the_options_are_all_named()
    {
        var fault = Assert.Throws<ArgumentException>(() => Microsoft.Extensions.DependencyInjection.ServiceCollectionContainerBuilderExtensions.BuildServiceProvider(
            new Microsoft.Extensions.DependencyInjection.ServiceCollection().AddClusterNode(
                new ClusterNodeOptions { Port = -1 }, new JournalOptions(), new LockoutPolicy { Budget = 0 })));

        Assert.Contains("Port", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Path", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Budget", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_without_an_identity_is_for_this_machine_only()
    {
        var fault = Assert.Throws<ArgumentException>(() => new Microsoft.Extensions.DependencyInjection.ServiceCollection().AddClusterNode(
            new ClusterNodeOptions { BindAddress = "10.77.0.2" }, new JournalOptions { Path = "/var/lib/j.db" }, new LockoutPolicy()));

        Assert.Contains("BindAddress is '10.77.0.2'", fault.Message, StringComparison.Ordinal);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(Sender.Tell);
    }
}
