using Google.Protobuf;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories;
using Passthrough.Wire.V1;
using Reason = Passthrough.Wire.V1.NotAttempted.Types.Reason;

namespace Passthrough.Agent.Tests.Attempts;

/// <summary>What a worker does with an attempt whose forest cannot be reached from its node.</summary>
public sealed class HandOverTests : IDisposable
{
    private readonly WorkerRig _rig = new(clock: new SteppedClock()) { IsReachable = false };

    [Fact]
    public async Task A_forest_that_is_out_of_reach_is_left_to_a_peer_before_anything_is_asked()
    {
        var answer = new FromAgent { Answer = new Answer { Verdict = 1, Mac = ByteString.CopyFromUtf8("the peer's") } };
        _rig.OnHandOver = _ => Task.FromResult(new PeerReply("agent-2", answer));
        using var counted = new Counted("passthrough.agent.hand_overs");
        using var attempt = _rig.Seal();

        Assert.Same(answer, await _rig.RunAsync(_rig.MessageOf(attempt)));
        Assert.Equal(["hand over"], _rig.Calls);
        Assert.True(counted.All >= 1);
    }

    [Fact]
    public async Task The_peer_gets_the_attempt_as_it_came_still_sealed()
    {
        Attempt? handed = null;
        _rig.OnHandOver = attempt =>
        {
            handed = attempt;
            return Task.FromResult(new PeerReply("agent-2", new FromAgent { Answer = new Answer() }));
        };
        using var attempt = _rig.Seal("secret-4711");
        var message = _rig.MessageOf(attempt);

        await _rig.RunAsync(message);

        Assert.Equal(message, handed);
        Assert.DoesNotContain("secret-4711", System.Text.Encoding.Latin1.GetString(handed!.ToByteArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_peer_it_is_tried_here_all_the_same()
    {
        using var attempt = _rig.Seal();

        Assert.Equal(Verdict.Success, (await _rig.RunAsync(attempt)).Verdict);
        Assert.Equal(["hand over", "find anna@corp.example", "ask", "bind right", "settle Succeeded"], _rig.Calls);
    }

    [Fact]
    public async Task A_search_that_finds_no_controller_is_left_to_a_peer()
    {
        _rig.IsReachable = true;
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NoVerdict(Verdict.NoDomainController));
        var answer = new FromAgent { Answer = new Answer() };
        _rig.OnHandOver = _ => Task.FromResult(new PeerReply("agent-2", answer));
        using var attempt = _rig.Seal();

        Assert.Same(answer, await _rig.RunAsync(_rig.MessageOf(attempt)));
        Assert.Equal(["find anna@corp.example", "hand over"], _rig.Calls);
    }

    [Theory, InlineData(Reason.Busy), InlineData(Reason.CannotUnseal), InlineData(Reason.ForestUnreachable), InlineData(Reason.Expired)]
    public async Task What_a_peer_does_not_attempt_was_not_attempted_here_either(Reason reason)
    {
        _rig.OnHandOver = _ => Task.FromResult(new PeerReply("agent-2", new FromAgent { NotAttempted = new NotAttempted { Reason = reason } }));
        using var attempt = _rig.Seal();

        Assert.Equal(Reason.ForestUnreachable, (await _rig.RunAsync(attempt)).HandedBack);
        Assert.Equal(["hand over"], _rig.Calls);
    }

    /// <summary>It may have bound: nobody may be told that nothing was attempted.</summary>
    [Fact]
    public async Task A_peer_that_falls_silent_may_have_bound()
    {
        _rig.OnHandOver = _ => Task.FromResult(new PeerReply("agent-2", null));
        using var attempt = _rig.Seal();

        Assert.Equal(Verdict.AgentDeadlineExceeded, (await _rig.RunAsync(attempt)).Verdict);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_handed_over_is_not_handed_on(bool isReachable)
    {
        _rig.IsReachable = isReachable;
        _rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NoVerdict(Verdict.NoDomainController));
        using var attempt = _rig.Seal();

        var reply = await _rig.RunAsync(_rig.MessageOf(attempt), isHandedOver: true);

        Assert.Equal(Reason.ForestUnreachable, reply!.NotAttempted.Reason);
        Assert.DoesNotContain("hand over", _rig.Calls);
    }

    [Fact]
    public async Task A_forest_within_reach_costs_no_question_to_a_peer()
    {
        _rig.IsReachable = true;
        using var attempt = _rig.Seal();

        Assert.Equal(Verdict.Success, (await _rig.RunAsync(attempt)).Verdict);
        Assert.DoesNotContain("hand over", _rig.Calls);
    }

    public void Dispose() => _rig.Dispose();
}
