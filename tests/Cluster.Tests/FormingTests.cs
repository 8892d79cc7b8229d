using System.Net;
using System.Net.Sockets;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>Agents find each other through the gateway: no list of nodes anywhere.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class FormingTests
{
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");

    [Fact]
    public async Task Agents_form_one_cluster_a_fourth_joins_and_one_that_was_killed_comes_back()
    {
        using var journal = new SharedJournal();
        await using var installation = await Installation.StartAsync(agents: 3, agentOptions: journal.Options);
        await installation.MembersAsync(3, 0, 1, 2);

        var fourth = installation.NewAgent("agent-4", journal.Options);
        await fourth.EnrolAsync(await installation.CreateTokenAsync());
        await fourth.StartAsync();
        await installation.MembersAsync(4, 0, 1, 2, 3);

        // The one that formed the cluster, most likely.
        await installation.Agent().Process.KillAsync();
        await installation.Agent().StartAsync();
        await installation.MembersAsync(4, 0, 1, 2, 3);
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        Assert.DoesNotContain(": each cluster counts for itself", installation.Gateway.Log()[^Math.Min(2000, installation.Gateway.Log().Length)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_is_started_while_the_gateway_is_away_joins_those_that_it_knows()
    {
        using var journal = new SharedJournal();
        await using var installation = await Installation.StartAsync(agents: 2, agentOptions: journal.Options);
        await installation.MembersAsync(2, 0, 1);
        await Eventually.TrueAsync("each has kept its list", TimeSpan.FromSeconds(30), () => Task.FromResult(
            Enumerable.Range(0, 2).All(i => File.ReadAllText(Path.Combine(installation.Agent(i).StateDirectory, "peers.json")).Contains("127.0.0.1", StringComparison.Ordinal))));
        await installation.Gateway.KillAsync();
        await installation.Agent().Process.KillAsync();
        await installation.Agent().LaunchAsync();
        await installation.MembersAsync(2, 0, 1);
        Assert.DoesNotContain(" 3028", installation.Agent().Process.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_takes_a_dead_agents_address_takes_nobody_with_it()
    {
        using var journal = new SharedJournal();
        await using var installation = await Installation.StartAsync(agents: 3, agentOptions: journal.Options);
        await installation.MembersAsync(3, 0, 1, 2);
        await installation.Agent(2).Process.KillAsync();

        // Not TLS at all; a foreign certificate is the same to who dials (tests/Agent.Tests/Peers).
        using var stranger = new TcpListener(IPAddress.Loopback, installation.Agent(2).ClusterPort);
        stranger.Start();
        var met = 0;
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var caller = await stranger.AcceptTcpClientAsync();
                await caller.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
                Interlocked.Increment(ref met);
            }
        });
        await Eventually.TrueAsync("the stranger is dialled", TimeSpan.FromSeconds(60), () => Task.FromResult(Volatile.Read(ref met) > 2));
        await installation.MembersAsync(2, 0, 1);
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        Assert.Contains("Refused as a node: what answers at 127.0.0.1:", installation.Agent(0).Process.Log() + installation.Agent(1).Process.Log(), StringComparison.Ordinal);
        Assert.False(installation.Agent(0).Process.HasExited || installation.Agent(1).Process.HasExited);
    }
}
