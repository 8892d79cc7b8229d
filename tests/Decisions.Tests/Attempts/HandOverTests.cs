using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Tests.Attempts;

public class HandOverTests
{
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(DispatchEnd.NotWritten, true, true, Verdict.NoAgent)]
    [InlineData(DispatchEnd.Busy, true, false, Verdict.Overloaded)]
    [InlineData(DispatchEnd.Draining, true, false, Verdict.NoAgent)]
    [InlineData(DispatchEnd.Expired, true, false, Verdict.Overloaded)]
    [InlineData(DispatchEnd.ForestUnreachable, true, false, Verdict.NoDomainController)]
    [InlineData(DispatchEnd.CannotUnseal, true, true, Verdict.DecryptFailed)]
    [InlineData(DispatchEnd.ForestNotMine, true, false, Verdict.AgentNotAuthorisedForForest)]
    [InlineData(DispatchEnd.StreamBroken, true, true, Verdict.AgentDeadlineExceeded)]
    [InlineData(DispatchEnd.Forged, false, false, Verdict.ForgedOrReplayedResult)]
    [InlineData(DispatchEnd.Unintelligible, false, false, Verdict.InvalidAgentResponse)]
    [InlineData(DispatchEnd.OutOfTime, false, false, Verdict.AgentDeadlineExceeded)]
    public void Each_end_has_its_consequence(DispatchEnd end, bool again, bool sameAgentToo, Verdict otherwise) =>
        Assert.Equal(new HandOverDecision(again, sameAgentToo, otherwise), HandOver.Decide(end, null, 1, 0, Plenty));

    [Fact]
    public void An_answer_is_final_unless_the_table_says_that_another_may_be_asked()
    {
        foreach (var row in VerdictTable.Rows)
        {
            var decision = HandOver.Decide(DispatchEnd.Answered, row.Verdict, 1, 0, Plenty);
            Assert.Equal(new HandOverDecision(row.RetryElsewhere, false, row.Verdict), decision);
        }
    }

    [Theory, InlineData(Verdict.Success), InlineData(Verdict.BadPassword), InlineData(Verdict.DirectoryTimeoutAfterSend)]
    public void What_a_domain_controller_may_have_counted_is_never_asked_again(Verdict verdict) =>
        Assert.False(HandOver.Decide(DispatchEnd.Answered, verdict, 1, 0, Plenty).Again);

    [Theory, InlineData(200, true), InlineData(199, false)]
    public void It_is_sent_again_only_while_time_is_left(int leftMs, bool again) =>
        Assert.Equal(again, HandOver.Decide(DispatchEnd.StreamBroken, null, 1, 1, TimeSpan.FromMilliseconds(leftMs)).Again);

    [Theory, InlineData(HandOver.MaxDispatches - 1, true), InlineData(HandOver.MaxDispatches, false)]
    public void It_is_sent_five_times_at_most(int dispatches, bool again) =>
        Assert.Equal(again, HandOver.Decide(DispatchEnd.Busy, null, dispatches, 0, Plenty).Again);

    [Theory, InlineData(HandOver.MaxBroken - 1, true), InlineData(HandOver.MaxBroken, false)]
    public void What_broke_two_streams_is_not_given_to_a_third_agent(int broken, bool again) =>
        Assert.Equal(again, HandOver.Decide(DispatchEnd.StreamBroken, null, 2, broken, Plenty).Again);

    [Fact]
    public void Every_end_of_a_dispatch_is_decided()
    {
        foreach (var end in Enum.GetValues<DispatchEnd>())
        {
            Assert.True(Enum.IsDefined(HandOver.Decide(end, Verdict.Success, 1, 0, Plenty).Otherwise));
        }
    }

    [Fact]
    public void An_answer_without_a_verdict_is_a_programming_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => HandOver.Decide(DispatchEnd.Answered, null, 1, 0, Plenty));

    [Theory]
    [InlineData(NoChoice.NoCredit, Verdict.Overloaded)]
    [InlineData(NoChoice.NoAgent, Verdict.NoAgent)]
    public void Without_an_agent_the_verdict_says_whether_there_is_one_at_all(NoChoice why, Verdict expected) =>
        Assert.Equal(expected, HandOver.WithoutDispatch(why));
}
