using System.Collections.Concurrent;
using Grpc.Core;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

/// <summary>How streams begin and end while work goes on: renewal, draining, silence, the end of a certificate.</summary>
public sealed class StreamLifeTests
{
    [Fact]
    public async Task Renewals_under_load_lose_no_attempt()
    {
        await using var gateway = await TestGateway.StartAsync(o => o.Agents.CertificateLifetime = TimeSpan.FromSeconds(10));
        await using var agent = await gateway.AgentAsync("a", credits: 32);
        agent.OnAttempt = async received =>
        {
            await Task.Delay(20);
            await ScriptedAgent.KnowOnePassword(received);
        };
        using var stop = new CancellationTokenSource();
        var outcomes = new ConcurrentBag<ValidationOutcome>();
        var load = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                outcomes.Add(await gateway.ValidateAsync());
            }
        })).ToList();
        for (var renewal = 0; renewal < 6; renewal++)
        {
            var old = agent.Current;
            var soFar = outcomes.Count;
            agent.Keys = await agent.Keys.RenewAsync(gateway.Stream);
            await agent.ConnectAsync(credits: 32);
            Assert.Equal(StatusCode.OK, (await old.Ended.InTimeAsync()).StatusCode);
            await Eventually.TrueAsync(() => outcomes.Count > soFar + 50, "work goes on on the new stream");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load).InTimeAsync();
        Assert.All(outcomes, o => Assert.Equal((Verdict.Success, 1), (o.Verdict, o.Dispatches)));
        Assert.Equal(outcomes.Count, agent.Attempts.Count);
        Assert.True(agent.Attempts.Select(r => r.Stream).Distinct().Count() >= 7, "each stream had work");
    }

    [Fact]
    public async Task While_two_streams_are_open_work_comes_on_the_newest_and_answers_on_both()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = _ => Task.CompletedTask;
        var onOld = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => agent.Attempts.Count == 1, "the first is on the old stream");
        var old = agent.Current;
        await agent.ConnectAsync();
        var onNew = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => agent.Attempts.Count == 2, "the second is at the agent");
        Assert.Same(old, agent.Attempts.First().Stream);
        Assert.Same(agent.Current, agent.Attempts.Last().Stream);
        Assert.Single(agent.Attempts.Last().Attempt.Wraps);
        Assert.False(old.Ended.IsCompleted);
        await agent.Attempts.First().AnswerAsync(Verdict.Success);
        await agent.Attempts.Last().AnswerAsync(Verdict.BadPassword);
        Assert.Equal((Verdict.Success, Verdict.BadPassword), ((await onOld).Verdict, (await onNew).Verdict));
        Assert.Equal(StatusCode.OK, (await old.Ended.InTimeAsync()).StatusCode);
    }

    [Fact]
    public async Task A_renewal_needs_a_new_key_and_both_certificates_work_for_their_time()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.EnrolAsync("a");
        var refusal = await Assert.ThrowsAsync<RpcException>(() => agent.Keys.RenewAsync(gateway.Stream, agent.Keys.Key));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        var renewed = await agent.Keys.RenewAsync(gateway.Stream);
        Assert.NotEqual(agent.Keys.Certificate.SerialNumber, renewed.Certificate.SerialNumber);
        Assert.Equal(agent.Keys.Identity, Passthrough.Wire.Identity.AgentIdentity.From(renewed.Certificate));
        await agent.ConnectAsync();
        agent.Keys = renewed;
        await agent.ConnectAsync();
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
    }

    [Fact]
    public async Task An_agent_that_drains_gets_no_new_work_and_finishes_what_it_has()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var leaving = await gateway.AgentAsync("leaving");
        leaving.OnAttempt = _ => Task.CompletedTask;
        var last = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !leaving.Attempts.IsEmpty, "it has one in hand");
        await leaving.Current.SendAsync(new FromAgent { Draining = new Draining { Reason = "shutdown" } });
        await Eventually.TrueAsync(() => gateway.Log.All.Any(l => l.EventId == 3017), "the gateway has heard it");
        Assert.Equal(Verdict.NoAgent, (await gateway.ValidateAsync()).Verdict);
        await leaving.Attempts.Single().AnswerAsync(Verdict.Success);
        Assert.Equal(Verdict.Success, (await last).Verdict);
        Assert.Equal(StatusCode.OK, (await leaving.Current.Ended.InTimeAsync()).StatusCode);
    }

    [Fact]
    public async Task A_gateway_that_stops_answers_what_it_has_taken_and_then_ends_the_streams()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = _ => Task.CompletedTask;
        var validation = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !agent.Attempts.IsEmpty, "it is at the agent");
        var stop = gateway.StopAsync();
        var told = await agent.Current.Others.ReadAllAsync().FirstAsync(m => m.Draining is not null);
        Assert.Contains("stops", told.Draining.Reason, StringComparison.Ordinal);
        Assert.False(stop.IsCompleted);
        await agent.Attempts.Single().AnswerAsync(Verdict.Success);
        Assert.Equal(Verdict.Success, (await validation.InTimeAsync()).Verdict);

        // With which status is a race between the call's last frame and the end of the connection, which the process closes.
        await agent.Current.Ended.InTimeAsync();
        await stop.InTimeAsync();
    }

    [Fact]
    public async Task A_silent_agent_is_cut_and_its_work_done_by_another()
    {
        await using var gateway = await TestGateway.StartAsync(o => o.Agents.HeartbeatInterval = TimeSpan.FromSeconds(1));
        await using var silent = await gateway.AgentAsync("silent");
        silent.OnAttempt = _ => Task.CompletedTask;
        var validation = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !silent.Attempts.IsEmpty, "it has the attempt");
        await using var alive = await gateway.AgentAsync("alive");
        using var beating = alive.Beat(TimeSpan.FromMilliseconds(200));
        Assert.Equal((Verdict.Success, alive.Id), await validation.InTimeAsync() is var o ? (o.Verdict, o.AgentId) : default);
        Assert.NotEqual(StatusCode.OK, (await silent.Current.Ended.InTimeAsync()).StatusCode);
        Assert.Contains(gateway.Log.All, l => l.EventId == 3013);
        Assert.False(alive.Current.Ended.IsCompleted);
    }

    [Fact]
    public async Task An_agent_that_is_silent_over_its_work_is_passed_by()
    {
        await using var gateway = await TestGateway.StartAsync(o => o.Agents.SuspectAfter = TimeSpan.FromMilliseconds(300));
        await using var suspect = await gateway.AgentAsync("suspect");
        suspect.OnAttempt = _ => Task.CompletedTask;
        var stuck = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !suspect.Attempts.IsEmpty, "it has the attempt");
        await using var other = await gateway.AgentAsync("other");
        var held = new List<Task<ValidationOutcome>>();
        other.OnAttempt = _ => Task.CompletedTask;
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(400)))
        {
            await timer.WaitForNextTickAsync();
        }

        // The other has more in hand each time, and is asked all the same: it is heard between.
        using var beating = other.Beat(TimeSpan.FromMilliseconds(50));
        for (var i = 1; i <= 3; i++)
        {
            held.Add(gateway.ValidateAsync());
            await Eventually.TrueAsync(() => other.Attempts.Count == i, "the other agent is asked");
        }

        beating.Dispose();
        foreach (var received in other.Attempts.Concat(suspect.Attempts))
        {
            await received.AnswerAsync(Verdict.Success);
        }

        Assert.All(await Task.WhenAll([.. held, stuck]).InTimeAsync(), o => Assert.Equal(Verdict.Success, o.Verdict));
    }

    [Fact]
    public async Task An_agent_that_says_it_is_unwell_or_cut_off_from_the_forest_is_asked_last()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var well = await gateway.AgentAsync("well");
        await using var other = await gateway.AgentAsync("other");
        AgentHeartbeat[] complaints =
        [
            new() { Healthy = false, HealthReason = "disk\nfull", ReachableForests = { TestGateway.Forest } },
            new() { Healthy = true, ReachableForests = { TestGateway.OtherForest } },
        ];
        foreach (var complaint in complaints)
        {
            await other.Current.SendAsync(new FromAgent { Heartbeat = complaint });
            await other.Current.SendAsync(new FromAgent
            {
                NotAttempted = new NotAttempted { Reason = NotAttempted.Types.Reason.ForestNotMine },
            });
            await Eventually.TrueAsync(() => gateway.Log.All.Count(l => l.EventId == 3031) == Array.IndexOf(complaints, complaint) + 1, "what was sent before is read");
            for (var i = 0; i < 6; i++)
            {
                Assert.Equal(well.Id, (await gateway.ValidateAsync()).AgentId);
            }
        }

        Assert.Contains(gateway.Log.All, l => l.EventId == 3018 && l.Text.Contains("disk?full", StringComparison.Ordinal));
        await well.DisposeAsync();
        await Eventually.TrueAsync(() => gateway.Get<AgentRegistry>().ConnectedAgents == 1, "the well one is gone");
        Assert.Equal(other.Id, (await gateway.ValidateAsync()).AgentId);
    }

    [Fact]
    public async Task Agents_that_are_not_one_cluster_are_told_of_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var one = await gateway.AgentAsync("one");
        await using var other = await gateway.AgentAsync("other");
        await Eventually.TrueAsync(() => gateway.Get<AgentRegistry>().ConnectedAgents == 2, "both are connected");
        foreach (var (members, told) in new[] { (0u, 0), (2u, 0), (1u, 1), (1u, 1), (2u, 1), (1u, 2) })
        {
            await one.Current.SendAsync(new FromAgent { Heartbeat = new AgentHeartbeat { Healthy = true, ClusterMembers = members, HealthReason = $"{Guid.NewGuid()}" } });
            await Eventually.TrueAsync(() => gateway.Log.All.Count(l => l.EventId == 3020) == told, $"{members} members are told of {told} times");
        }

        Assert.Contains("make them one cluster", gateway.Log.All.First(l => l.EventId == 3020).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_ends_with_the_certificate_it_was_opened_with()
    {
        await using var gateway = await TestGateway.StartAsync(o =>
        {
            o.Agents.CertificateLifetime = TimeSpan.FromSeconds(4);
            o.Agents.HeartbeatInterval = TimeSpan.FromSeconds(2);
        });
        await using var agent = await gateway.AgentAsync("a");
        using var beating = agent.Beat(TimeSpan.FromMilliseconds(500));
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
        Assert.NotEqual(StatusCode.OK, (await agent.Current.Ended.InTimeAsync()).StatusCode);
        Assert.Contains(gateway.Log.All, l => l.EventId == 3014);
        await Assert.ThrowsAsync<RpcException>(() => agent.ConnectAsync());
    }

    [Fact]
    public async Task An_agent_may_change_its_sealing_key_while_it_works()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
        using (var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.2)))
        {
            await timer.WaitForNextTickAsync();
        }

        var offer = agent.Keyring.Offer(agent.Keys.Key, TimeProvider.System.GetUtcNow());
        await agent.Current.SendAsync(new FromAgent { SealingKey = offer });
        await Eventually.TrueAsync(
            () =>
            {
                Assert.Equal(Verdict.Success, gateway.ValidateAsync().GetAwaiter().GetResult().Verdict);
                return agent.Attempts.Last().Attempt.Wraps[0].SessionId != agent.Attempts.First().Attempt.Wraps[0].SessionId;
            },
            "attempts are sealed to the new key");

        // Twice within a second is not how keys are changed. Offered again and again: on a busy machine two may be read further apart.
        var more = agent.Keyring.Offer(agent.Keys.Key, TimeProvider.System.GetUtcNow());
        await Eventually.TrueAsync(
            () =>
            {
                _ = agent.Current.TrySendAsync(new FromAgent { SealingKey = more });
                return agent.Current.Ended.IsCompleted;
            },
            "the stream is ended");
        Assert.Equal(StatusCode.ResourceExhausted, (await agent.Current.Ended).StatusCode);
    }
}
