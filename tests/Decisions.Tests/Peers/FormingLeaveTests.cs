using Passthrough.Decisions.Peers;

namespace Passthrough.Decisions.Tests.Peers;

public sealed class FormingLeaveTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Guid Journal = new(1, 0, 0, new byte[8]);
    private static readonly Guid Another = new(2, 0, 0, new byte[8]);
    private static readonly string[] Both = ["a1", "a2"];

    [Fact]
    public void The_only_agent_forms_at_once() => Assert.True(Ask(PeerBook.StartedNow(Start), "a1", ["a1"], 0).MayForm);

    [Fact]
    public void Who_does_not_want_to_form_gets_no_leave() =>
        Assert.False(FormingLeave.Ask(PeerBook.StartedNow(Start), new("a1", Journal, 1, false), ["a1"], Start).MayForm);

    [Theory, InlineData(34, false), InlineData(35, true)]
    public void After_a_start_of_the_gateway_an_agent_that_is_not_heard_may_be_a_member(int seconds, bool may) =>
        Assert.Equal(may, Ask(PeerBook.StartedNow(Start), "a1", Both, seconds).MayForm);

    [Fact]
    public void Once_all_have_said_that_they_are_no_members_one_may_form()
    {
        var (book, first) = Ask(PeerBook.StartedNow(Start), "a1", Both, 0);
        (_, var second) = Ask(book, "a2", Both, 1);
        Assert.Equal((false, true), (first, second));
    }

    [Theory, InlineData(34, false), InlineData(35, true)]
    public void Nobody_forms_while_a_member_is_heard(int seconds, bool may)
    {
        var (book, _) = FormingLeave.Ask(PeerBook.StartedNow(Start), new("a1", Journal, 1, false), Both, Start);
        Assert.Equal(may, Ask(book, "a2", Both, seconds).MayForm);
    }

    [Fact]
    public void A_member_that_has_started_anew_is_none()
    {
        var (book, _) = FormingLeave.Ask(PeerBook.StartedNow(Start), new("a1", Journal, 1, false), Both, Start);
        (book, _) = Ask(book, "a1", ["a1", "a2", "a3"], 1);
        Assert.True(Ask(book, "a2", Both, 2).MayForm);
    }

    [Theory, InlineData(59, false), InlineData(60, true)]
    public void A_leave_is_one_agents_until_it_has_passed(int seconds, bool may)
    {
        var (book, _) = Ask(PeerBook.StartedNow(Start), "a1", ["a1"], 0);

        // That it has not formed yet says nothing: the leave may still be on its way.
        (book, _) = FormingLeave.Ask(book, new("a1", Journal, 0, false), Both, Start.AddSeconds(5));
        Assert.Equal(may, Ask(book, "a2", Both, seconds).MayForm);
        Assert.True(Ask(book, "a1", ["a1"], 6).MayForm);
    }

    [Theory]
    [InlineData(0, 4.9, 0)]
    [InlineData(0, 5.0, 100)]
    [InlineData(null, 1.0, 100)]
    [InlineData(0, null, 100)]
    [InlineData(200, 1.0, 100)]
    [InlineData(0, -1.0, 100)]
    public void The_gateway_has_been_there_since_its_last_gap(int? since, double? unseenFor, int available) => Assert.Equal(
        Start.AddSeconds(available),
        FormingLeave.AvailableSince(
            since is { } begun ? Start.AddSeconds(begun) : null, unseenFor is { } gap ? Start.AddSeconds(100 - gap) : null, Start.AddSeconds(100)));

    [Fact]
    public void What_was_heard_before_a_gap_is_not_gone_by()
    {
        var (book, _) = FormingLeave.Ask(PeerBook.StartedNow(Start), new("a1", Journal, 1, false), Both, Start);
        Assert.Same(book, FormingLeave.Resume(book, Start, Start.AddSeconds(1)));
        var anew = FormingLeave.Resume(book, Start.AddSeconds(60), Start.AddSeconds(61));
        Assert.Equal((Start.AddSeconds(60), 0), (anew.StartedAt, anew.Reports.Count));
        Assert.Empty(FormingLeave.Resume(book, Start, Start.AddSeconds(-1)).Reports);
    }

    [Fact]
    public void Who_counts_in_another_journal_is_no_peer()
    {
        var (book, _) = FormingLeave.Ask(PeerBook.StartedNow(Start), new("a1", Another, 1, false), Both, Start);
        Assert.True(Ask(book, "a2", Both, 1).MayForm);
    }

    [Fact]
    public void Who_is_revoked_holds_nobody_up()
    {
        var (book, _) = FormingLeave.Ask(PeerBook.StartedNow(Start), new("a1", Journal, 1, false), Both, Start);
        Assert.True(Ask(book, "a2", ["a2"], 1).MayForm);
    }

    [Fact]
    public void A_leave_has_ended_before_another_is_given() => Assert.True(
        FormingLeave.LeaveLife + FormingLeave.AskInterval < FormingLeave.GrantLife && 3 * FormingLeave.AskInterval < FormingLeave.ReportLife);

    private static (PeerBook Book, bool MayForm) Ask(PeerBook book, string agent, string[] enrolled, int second) =>
        FormingLeave.Ask(book, new(agent, Journal, 0, true), enrolled, Start.AddSeconds(second));
}
