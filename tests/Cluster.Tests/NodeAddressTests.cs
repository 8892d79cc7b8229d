using System.Net;
using System.Net.Sockets;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>Nodes that are reached at other addresses than they listen on, over IPv6, and one that may not be reached any more.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class NodeAddressTests
{
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");

    [Fact]
    public async Task Behind_nat_a_node_is_dialled_at_its_public_port_and_over_ipv6_all_the_same()
    {
        using var journal = new SharedJournal();
        await using var installation = await Installation.StartAsync(agents: 0);
        using var translation = new PortTranslation();
        var first = installation.NewAgent("behind-nat", new Dictionary<string, string>(journal.Options)
        {
            ["Cluster__BindAddress"] = "::1",
            ["Cluster__PublicPort"] = $"{translation.Port}",
        });
        translation.LeadTo(first.ClusterPort);
        var second = installation.NewAgent("beside-it", new Dictionary<string, string>(journal.Options) { ["Cluster__BindAddress"] = "::1" });
        foreach (var agent in new[] { first, second })
        {
            await agent.EnrolAsync(await installation.CreateTokenAsync());
            await agent.StartAsync();
        }

        await installation.MembersAsync(2, 0, 1);
        var (_, shown) = await second.PbmAsync("cluster", "show");
        Assert.Contains($"@[::1]:{translation.Port} |", shown, StringComparison.Ordinal);
        Assert.Contains($"@[::1]:{second.ClusterPort} |", shown, StringComparison.Ordinal);
        Assert.True(translation.Carried > 0);
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
    }

    [Fact]
    public async Task A_revoked_agent_is_out_of_the_cluster_too_and_ends()
    {
        using var journal = new SharedJournal();
        await using var installation = await Installation.StartAsync(agents: 3, agentOptions: journal.Options);
        await installation.MembersAsync(3, 0, 1, 2);
        var id = (string)(await installation.AdminJsonAsync("agent", "list")).AsArray()
            .Single(agent => (string)agent!["name"]! == installation.Agent(2).Name)!["agentId"]!;
        await installation.AdminAsync("agent", "revoke", id, "--reason", "a test");
        await installation.MembersAsync(2, 0, 1);
        await using var load = new Load(installation, people: 4);
        await Eventually.TrueAsync(
            "the revoked one ends", TimeSpan.FromSeconds(90), () => Task.FromResult(installation.Agent(2).Process.HasExited));
        Assert.Contains("PTA-036", installation.Agent(2).Process.Log(), StringComparison.Ordinal);
        await Eventually.TrueAsync("people sign in", TimeSpan.FromSeconds(30), () => Task.FromResult(load.Count > 50));
        Assert.All(await load.StopAsync(), answer => Assert.Equal("Success", answer.Verdict));

        // With its old certificate it comes into no cluster, and alone it forms none.
        var refusals = Refusals();
        await installation.Agent(2).LaunchAsync();
        await Eventually.TrueAsync("the gateway lets it in no more", TimeSpan.FromSeconds(60), () => Task.FromResult(Refusals() > refusals));
        await installation.MembersAsync(2, 0, 1);

        int Refusals() => installation.Gateway.Log().Split("is revoked or names no agent").Length;
    }

    /// <summary>What a router does that leads a port of its own to one behind it.</summary>
    private sealed class PortTranslation : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.IPv6Loopback, 0);
        private long _carried;

        public PortTranslation() => _listener.Start();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        /// <summary>Connections so far.</summary>
        public long Carried => Interlocked.Read(ref _carried);

        public void LeadTo(int port) => _ = Task.Run(async () =>
        {
            while (true)
            {
                var caller = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _carried);
                _ = CarryAsync(caller, port);
            }
        });

        public void Dispose() => _listener.Dispose();

        private static async Task CarryAsync(TcpClient caller, int port)
        {
            using var from = caller;
            using var to = new TcpClient(AddressFamily.InterNetworkV6);
            try
            {
                await to.ConnectAsync(IPAddress.IPv6Loopback, port);
                await Task.WhenAny(from.GetStream().CopyToAsync(to.GetStream()), to.GetStream().CopyToAsync(from.GetStream()));
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // The node is not there, or has gone: so has the caller's connection.
            }
        }
    }
}
