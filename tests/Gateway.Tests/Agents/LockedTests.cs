using System.Net;
using Google.Protobuf;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

/// <summary>What a gateway with an agent does about locks and about the policy that makes them.</summary>
public class LockedTests
{
    private static readonly byte[] Anna = new Guid("3f2b1a0c-5d4e-4f60-8192-a3b4c5d6e7f8").ToByteArray();
    private static readonly ClientSource Home = ClientSource.Of(IPAddress.Parse("192.0.2.7"), new Guid("0f8e7d6c-5b4a-4938-8271-605f4e3d2c1b"));
    private static readonly ClientSource Abroad = ClientSource.Of(IPAddress.Parse("198.51.100.7"), null);

    [Fact]
    public async Task An_attempt_carries_where_it_comes_from()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        await gateway.ValidateAsync(source: Home);
        await gateway.ValidateAsync();
        Assert.Equal(
            [(Home.Network, Home.Device), (null, null)],
            agent.Attempts.Select(a => (a.Opened!.Header.Network, a.Opened.Header.Device)));
    }

    [Fact]
    public async Task An_attack_of_10_000_attempts_on_a_locked_account_costs_the_agents_one()
    {
        using var kept = new Counted("passthrough.gateway.kept_locks");
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = LockStrangersOut;
        Assert.Equal((Verdict.SmartLocked, 1), await gateway.ValidateAsync(source: Abroad) is var first ? (first.Verdict, first.Dispatches) : default);

        for (var i = 0; i < 10_000; i++)
        {
            var outcome = await gateway.ValidateAsync(i % 2 == 0 ? "anna@corp.example" : "ANNA@Corp.Example", $"guess {i}", Abroad);
            Assert.Equal((Verdict.SmartLocked, 0), (outcome.Verdict, outcome.Dispatches));
            Assert.InRange(outcome.LockedFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        }

        Assert.True(kept.All >= 10_000);
        Assert.Single(agent.Attempts);

        // The owner, at home, does not notice: asks the agent, and ends the locks by signing in.
        var owner = await gateway.ValidateAsync(source: Home);
        Assert.Equal((Verdict.Success, 1), (owner.Verdict, owner.Dispatches));
        Assert.Equal(1, (await gateway.ValidateAsync(source: Abroad)).Dispatches);
    }

    [Fact]
    public async Task An_unlock_is_noticed_at_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = LockStrangersOut;
        await gateway.ValidateAsync(source: Abroad);
        Assert.Equal(0, (await gateway.ValidateAsync(source: Abroad)).Dispatches);

        agent.OnAttempt = ScriptedAgent.KnowOnePassword;
        await agent.Current.SendAsync(new FromAgent { LockEnded = new LockEnded { Forest = "corp.example", Account = ByteString.CopyFrom(Anna) } });
        await Eventually.TrueAsync(
            () => gateway.ValidateAsync(source: Abroad).GetAwaiter().GetResult() is { Verdict: Verdict.Success, Dispatches: 1 }, "the agent is asked again");
    }

    [Fact]
    public async Task An_agent_is_welcomed_with_its_tenant_s_policy_and_told_of_a_change_within_a_second()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "policy", TestGateway.Tenant, "--budget", "7", "--reason", "a test");
        await Eventually.TrueAsync(() => gateway.Get<TenantDirectory>().Now.PolicyOf(TestGateway.Tenant).Budget == 7, "the gateway has it");
        await using var agent = await gateway.AgentAsync("a");
        Assert.Equal(new LockoutNumbers { Budget = 7 }, (await agent.Current.Greeted).Welcome.LockoutPolicy);

        await gateway.AdminAsync("tenant", "policy", TestGateway.Tenant, "--lock-time", "00:05:00", "--reason", "a test");
        var changed = TimeProvider.System.GetTimestamp();
        var told = await NextPolicyAsync(agent);
        Assert.InRange(TimeProvider.System.GetElapsedTime(changed), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(new LockoutNumbers { Budget = 7, LockTimeMs = 300_000 }, told);

        await gateway.AdminAsync("tenant", "policy", TestGateway.Tenant, "--reset", "--reason", "a test");
        Assert.Equal(new LockoutNumbers(), await NextPolicyAsync(agent));
    }

    [Fact]
    public async Task Another_tenant_s_policy_is_told_to_nobody()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "create", "other", "--suffix", "other.example");
        await using var agent = await gateway.AgentAsync("a");
        await gateway.AdminAsync("tenant", "policy", "other", "--budget", "3", "--reason", "a test");
        await gateway.AdminAsync("tenant", "policy", TestGateway.Tenant, "--budget", "4", "--reason", "a test");
        Assert.Equal(4u, (await NextPolicyAsync(agent)).Budget);
    }

    private static async Task<LockoutNumbers> NextPolicyAsync(ScriptedAgent agent)
    {
        while (true)
        {
            var message = await agent.Current.Others.ReadAsync().AsTask().InTimeAsync();
            if (message.BodyCase == FromGateway.BodyOneofCase.LockoutPolicy)
            {
                return message.LockoutPolicy;
            }
        }
    }

    private static Task LockStrangersOut(Received received) =>
        received.Opened!.Header.Device == Home.Device
            ? received.AnswerAsync(Verdict.Success, new AnswerDetail { Account = ByteString.CopyFrom(Anna) })
            : received.AnswerAsync(Verdict.SmartLocked, new AnswerDetail
            {
                Account = ByteString.CopyFrom(Anna),
                Lock = new AccountLock { UnfamiliarMs = 600_000, FamiliarSources = { Home.Fingerprints() } },
            });
}
