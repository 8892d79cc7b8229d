using System.Collections.Concurrent;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Connector;

/// <summary>What streams carry of the lockout: the policy to the agent, the end of a lock to every gateway.</summary>
public sealed class LockoutOnStreamTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task A_policy_is_taken_from_the_welcome_and_from_the_stream()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var change = new TaskCompletionSource();
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent, policy: new LockoutNumbers { Budget = 4 });
            await change.Task;
            await toAgent.WriteAsync(new FromGateway { LockoutPolicy = new LockoutNumbers { Budget = 1 } });
            await toAgent.WriteAsync(new FromGateway { LockoutPolicy = new LockoutNumbers { Budget = 6 } });
            await fromAgent.IdleAsync(context);
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Task.FromResult<FromAgent?>(null));
        await agent.StartAsync();
        await Await.ThatAsync(() => agent.Policy.Policies.Now.Budget == 4, "the welcome's policy");
        change.SetResult();
        await Await.ThatAsync(() => agent.Policy.Policies.Now.Budget == 6, "the changed policy");
        Assert.True(agent.PolicyLog.Has("Budget is 1"));
    }

    [Fact]
    public async Task The_end_of_a_lock_is_told_to_every_gateway()
    {
        var account = new AccountKey("corp.example", Guid.NewGuid());
        var heard = new ConcurrentBag<(int Gateway, LockEnded Ended)>();
        await using var first = await ScriptedGateway.StartAsync(_authority);
        await using var second = await ScriptedGateway.StartAsync(_authority);
        first.OnConnect = (fromAgent, toAgent, context) => HearAsync(1, fromAgent, toAgent, context);
        second.OnConnect = (fromAgent, toAgent, context) => HearAsync(2, fromAgent, toAgent, context);
        await using var agent = new ConnectorRig(
            _authority, [first.StreamAddress, second.StreamAddress], _ => Task.FromResult<FromAgent?>(null));
        agent.TellLockEnded(account);
        await agent.StartAsync();
        await Await.ThatAsync(() => agent.Connected == 2, "both streams");

        agent.TellLockEnded(account);

        await Await.ThatAsync(() => heard.Count == 2, "both hear it");
        Assert.Equal([1, 2], heard.Select(h => h.Gateway).Order());
        Assert.All(heard, h => Assert.Equal((account.Forest, account.ObjectGuid), (h.Ended.Forest, new Guid(h.Ended.Account.Span))));

        async Task HearAsync(
            int number, Grpc.Core.IAsyncStreamReader<FromAgent> fromAgent, Grpc.Core.IServerStreamWriter<FromGateway> toAgent,
            Grpc.Core.ServerCallContext context)
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            await foreach (var message in fromAgent.UntilDrainingAsync(context))
            {
                if (message.BodyCase == FromAgent.BodyOneofCase.LockEnded)
                {
                    heard.Add((number, message.LockEnded));
                }
            }
        }
    }
}
