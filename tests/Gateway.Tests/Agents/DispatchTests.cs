using System.Collections.Concurrent;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.V1;
using Reason = Passthrough.Wire.V1.NotAttempted.Types.Reason;

namespace Passthrough.Gateway.Tests.Agents;

/// <summary>Attempts over a real gateway and real streams; only the agents' minds are scripted.</summary>
public sealed class DispatchTests
{
    [Theory, InlineData("right", Verdict.Success), InlineData("wrong", Verdict.BadPassword)]
    public async Task The_verdict_of_the_agent_comes_back_with_its_detail(string password, Verdict expected)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        var outcome = await gateway.ValidateAsync(password: password);
        Assert.Equal(expected, outcome.Verdict);
        Assert.Equal((agent.Id, "a", "dc1", 1), (outcome.AgentId, outcome.AgentName, outcome.Detail!.DomainController, outcome.Dispatches));
        var header = agent.Attempts.Single().Opened!.Header;
        Assert.Equal(("contoso", "corp.example", "anna@corp.example"), (header.Tenant, header.Forest, header.UserName));
        Assert.Equal((outcome.Attempt.Value, 1), (header.AttemptId, (int)header.AttemptNumber));
    }

    [Fact]
    public async Task A_name_that_leads_nowhere_reaches_no_agent()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        Assert.Equal(Verdict.NoRouteForSuffix, (await gateway.ValidateAsync("anna@nowhere.example")).Verdict);
        Assert.Equal(Verdict.NoRouteForSuffix, (await gateway.ValidateAsync("anna")).Verdict);
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync(@"CORP\anna")).Verdict);
        Assert.Equal(@"CORP\anna", agent.Attempts.Single().Opened!.Header.UserName);
    }

    [Fact]
    public async Task Without_an_agent_the_answer_comes_within_a_second()
    {
        await using var gateway = await TestGateway.StartAsync();
        var outcome = await gateway.ValidateAsync();
        Assert.Equal((Verdict.NoAgent, 0), (outcome.Verdict, outcome.Dispatches));
        Assert.InRange(outcome.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Only_agents_of_the_forest_can_open_an_attempt()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var corp = await gateway.AgentAsync("corp");
        await using var fabrikam = await gateway.AgentAsync("fabrikam", 10, TestGateway.OtherForest);
        await using var both = await gateway.AgentAsync("both", 10, TestGateway.Forest, TestGateway.OtherForest);
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
        Assert.Empty(fabrikam.Attempts);
        foreach (var received in corp.Attempts.Concat(both.Attempts))
        {
            Assert.Equal(2, received.Attempt.Wraps.Count);
            Assert.Equal(
                Passthrough.Wire.Sealing.UnwrapFault.UnknownSession,
                fabrikam.Keyring.TryUnwrap(received.Attempt, TimeProvider.System.GetUtcNow(), out _));
        }
    }

    [Theory]
    [InlineData(Reason.Busy, Verdict.Overloaded)]
    [InlineData(Reason.Draining, Verdict.NoAgent)]
    [InlineData(Reason.ForestUnreachable, Verdict.NoDomainController)]
    [InlineData(Reason.ForestNotMine, Verdict.AgentNotAuthorisedForForest)]
    public async Task What_one_agent_did_not_attempt_another_does(Reason reason, Verdict ifNobodyDoes)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var unwilling = await gateway.AgentAsync("unwilling");
        unwilling.OnAttempt = received => received.RefuseAsync(reason);
        Assert.Equal(ifNobodyDoes, (await gateway.ValidateAsync()).Verdict);
        Assert.Single(unwilling.Attempts);

        await using var willing = await gateway.AgentAsync("willing");
        for (var i = 0; i < 4; i++)
        {
            var outcome = await gateway.ValidateAsync();
            Assert.Equal((Verdict.Success, willing.Id), (outcome.Verdict, outcome.AgentId));
            Assert.Equal(outcome.Dispatches, (int)willing.Attempts.Last().Opened!.Header.AttemptNumber);
        }

        // Sealed anew under its next number: nothing of the first sending opens the second.
        var second = willing.Attempts.FirstOrDefault(r => r.Opened!.Header.AttemptNumber == 2);
        var first = second is null ? null : unwilling.Attempts.Single(r => r.Opened!.Header.AttemptId == second.Opened!.Header.AttemptId);
        Assert.True(first is null || first.Attempt.SealedPassword != second!.Attempt.SealedPassword);
    }

    [Fact]
    public async Task A_verdict_that_another_agent_may_better_is_tried_there_and_told_if_nobody_does()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var island = await gateway.AgentAsync("island");
        island.OnAttempt = received => received.AnswerAsync(Verdict.NoDomainController);
        var alone = await gateway.ValidateAsync();
        Assert.Equal((Verdict.NoDomainController, island.Id), (alone.Verdict, alone.AgentId));

        await using var other = await gateway.AgentAsync("other");
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
    }

    [Fact]
    public async Task A_wrong_password_is_never_tried_elsewhere()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var one = await gateway.AgentAsync("one");
        await using var two = await gateway.AgentAsync("two");
        Assert.Equal((Verdict.BadPassword, 1), await gateway.ValidateAsync(password: "wrong") is var o ? (o.Verdict, o.Dispatches) : default);
        Assert.Single(one.Attempts.Concat(two.Attempts));
    }

    [Fact]
    public async Task An_attempt_whose_stream_breaks_is_sent_to_another_agent()
    {
        // The other agent enrols meanwhile, which takes its time on a busy machine.
        await using var gateway = await TestGateway.StartAsync(o => o.Agents.CapacityWait = TimeSpan.FromSeconds(7));
        await using var dying = await gateway.AgentAsync("dying");
        dying.OnAttempt = async received => await received.Stream.DisposeAsync();
        var validation = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !dying.Attempts.IsEmpty, "the first agent has the attempt");
        await using var living = await gateway.AgentAsync("living");
        var outcome = await validation.InTimeAsync();
        Assert.True(outcome.Verdict == Verdict.Success, $"{outcome}");
        Assert.Equal((living.Id, 2), (outcome.AgentId, outcome.Dispatches));
    }

    [Fact]
    public async Task An_attempt_that_breaks_two_streams_is_not_given_to_a_third()
    {
        await using var gateway = await TestGateway.StartAsync();
        var agents = new List<ScriptedAgent>();
        for (var i = 0; i < 3; i++)
        {
            agents.Add(await gateway.AgentAsync($"a{i}"));
            agents[i].OnAttempt = async received => await received.Stream.DisposeAsync();
        }

        var outcome = await gateway.ValidateAsync().InTimeAsync();
        Assert.Equal((Verdict.AgentDeadlineExceeded, 2), (outcome.Verdict, outcome.Dispatches));
        Assert.Equal(2, agents.Sum(a => a.Attempts.Count));
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }

    [Fact]
    public async Task No_answer_by_the_deadline_is_an_outcome_and_a_late_answer_is_ignored()
    {
        using var late = new Counted("passthrough.gateway.late_answers");
        await using var gateway = await TestGateway.StartAsync(o => o.Agents.VerdictTimeout = TimeSpan.FromSeconds(1));
        await using var agent = await gateway.AgentAsync("slow", credits: 1);
        agent.OnAttempt = _ => Task.CompletedTask;
        var outcome = await gateway.ValidateAsync().InTimeAsync();
        Assert.Equal(Verdict.AgentDeadlineExceeded, outcome.Verdict);
        Assert.InRange(outcome.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(3));

        // Its only credit is taken until it answers, late: then it gets the next.
        Assert.Equal(Verdict.Overloaded, (await gateway.ValidateAsync()).Verdict);
        agent.OnAttempt = ScriptedAgent.KnowOnePassword;
        await agent.Attempts.Single().AnswerAsync(Verdict.Success);
        var next = await gateway.ValidateAsync(password: "wrong");
        Assert.True(next.Verdict == Verdict.BadPassword, $"{next}");
        Assert.True(late.All >= 1);
    }

    [Fact]
    public async Task The_agent_with_the_least_outstanding_work_is_asked()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var one = await gateway.AgentAsync("one");
        await using var two = await gateway.AgentAsync("two");
        one.OnAttempt = two.OnAttempt = _ => Task.CompletedTask;
        var waiting = Enumerable.Range(0, 8).Select(_ => gateway.ValidateAsync()).ToList();
        await Eventually.TrueAsync(() => one.Attempts.Count + two.Attempts.Count == 8, "all are at an agent");
        Assert.Equal((4, 4), (one.Attempts.Count, two.Attempts.Count));

        foreach (var received in one.Attempts)
        {
            await received.AnswerAsync(Verdict.Success);
        }

        await Eventually.TrueAsync(() => waiting.Count(w => w.IsCompleted) == 4, "one agent has answered all");
        waiting.AddRange(Enumerable.Range(0, 4).Select(_ => gateway.ValidateAsync()));
        await Eventually.TrueAsync(() => one.Attempts.Count == 8, "the idle agent gets the next four");
        Assert.Equal(4, two.Attempts.Count);
        foreach (var received in one.Attempts.Skip(4).Concat(two.Attempts))
        {
            await received.AnswerAsync(Verdict.Success);
        }

        Assert.All(await Task.WhenAll(waiting).InTimeAsync(), outcome => Assert.Equal(Verdict.Success, outcome.Verdict));
    }

    [Fact]
    public async Task An_agent_never_has_more_in_hand_than_its_credits()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a", credits: 3);
        var inHand = new ConcurrentDictionary<Received, bool>();
        var most = 0;
        agent.OnAttempt = async received =>
        {
            inHand[received] = true;
            most = Math.Max(most, inHand.Count);
            await Task.Delay(5);
            inHand.TryRemove(received, out _);
            await ScriptedAgent.KnowOnePassword(received);
        };
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => gateway.ValidateAsync())).InTimeAsync();
        Assert.InRange(most, 1, 3);
        Assert.All(outcomes, o => Assert.Contains(o.Verdict, (Verdict[])[Verdict.Success, Verdict.Overloaded]));
        Assert.Contains(outcomes, o => o.Verdict == Verdict.Success);

        // The answer is behind the credit on the same stream: once it is there, the credit is.
        await agent.Current.SendAsync(new FromAgent { Credit = new Credit { Credits = 1 } });
        await gateway.ValidateAsync();
        most = 0;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.ValidateAsync())).InTimeAsync();
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task With_no_credit_anywhere_the_answer_comes_within_a_second()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a", credits: 1);
        agent.OnAttempt = _ => Task.CompletedTask;
        var first = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !agent.Attempts.IsEmpty, "the credit is taken");
        var outcome = await gateway.ValidateAsync();
        Assert.Equal((Verdict.Overloaded, 0), (outcome.Verdict, outcome.Dispatches));
        Assert.InRange(outcome.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        await agent.Attempts.Single().AnswerAsync(Verdict.Success);
        Assert.Equal(Verdict.Success, (await first).Verdict);
    }

    [Fact]
    public async Task Who_waits_for_room_gets_it_as_soon_as_there_is_some()
    {
        await using var gateway = await TestGateway.StartAsync(o => o.Agents.CapacityWait = TimeSpan.FromSeconds(20));
        await using var agent = await gateway.AgentAsync("a", credits: 1);
        agent.OnAttempt = _ => Task.CompletedTask;
        var first = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !agent.Attempts.IsEmpty, "the credit is taken");
        var second = gateway.ValidateAsync();
        Assert.False(second.IsCompleted);
        agent.OnAttempt = ScriptedAgent.KnowOnePassword;
        await agent.Attempts.First().AnswerAsync(Verdict.Success);
        Assert.Equal(Verdict.Success, (await second.InTimeAsync()).Verdict);
        Assert.Equal(Verdict.Success, (await first).Verdict);
    }

    [Fact]
    public async Task An_agent_that_cannot_open_its_seal_gets_a_new_session_and_the_attempt_again()
    {
        using var again = new Counted("passthrough.gateway.redispatches");
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.2));
        await timer.WaitForNextTickAsync();
        agent.OnAttempt = received =>
        {
            agent.OnAttempt = ScriptedAgent.KnowOnePassword;
            return received.RefuseAsync(Reason.CannotUnseal);
        };
        var outcome = await gateway.ValidateAsync();
        Assert.Equal((Verdict.Success, 2), (outcome.Verdict, outcome.Dispatches));
        var sessions = agent.Attempts.TakeLast(2).Select(r => r.Attempt.Wraps[0].SessionId).ToList();
        Assert.NotEqual(sessions[0], sessions[1]);
        Assert.True(again["after=CannotUnseal"] >= 1);
    }

    [Fact]
    public async Task A_caller_that_goes_away_is_not_waited_for()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = _ => Task.CompletedTask;
        using var gone = new CancellationTokenSource();
        TypedPassword.TryCreate("right", out var password);
        var validation = gateway.Dispatcher.ValidateAsync(
            TestGateway.Tenant, TypedName.TryParse("anna@corp.example")!, password!, ClientSource.Nowhere, gone.Token);
        await Eventually.TrueAsync(() => !agent.Attempts.IsEmpty, "the agent has it");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => validation.InTimeAsync());
        Assert.Equal(0, gateway.Dispatcher.InProgress);
    }
}
