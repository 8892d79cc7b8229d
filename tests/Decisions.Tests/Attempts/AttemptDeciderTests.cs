using CsCheck;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Attempts;

public class AttemptDeciderTests
{
    [Theory]
    [InlineData(Verdict.BadPassword, Settlement.Failed)]
    [InlineData(Verdict.DirectoryTimeoutAfterSend, Settlement.Failed)]
    [InlineData(Verdict.Success, Settlement.Succeeded)]
    [InlineData(Verdict.AccountDisabled, Settlement.Refunded)]
    [InlineData(Verdict.PasswordExpired, Settlement.Refunded)]
    [InlineData(Verdict.PasswordMustChange, Settlement.Refunded)]
    [InlineData(Verdict.AccountLockedInAd, Settlement.Refunded)]
    [InlineData(Verdict.DirectoryBusy, Settlement.Refunded)]
    [InlineData(Verdict.DirectoryRefused, Settlement.Refunded)]
    public void What_a_directory_answered_is_final(Verdict verdict, Settlement settlement)
    {
        var conclusion = AttemptDecider.AfterBind(verdict, mayHaveBeenSent: true);

        Assert.Equal(settlement, conclusion.Settlement);
        Assert.Equal(new AttemptEnding.Answered(verdict), conclusion.Stored);
    }

    [Theory]
    [InlineData(Verdict.DirectoryTimeout)]
    [InlineData(Verdict.NoDomainController)]
    [InlineData(Verdict.TlsFailure)]
    public void A_bind_that_may_have_been_sent_and_was_not_answered_keeps_its_charge(Verdict verdict)
    {
        var conclusion = AttemptDecider.AfterBind(verdict, mayHaveBeenSent: true);

        Assert.Equal(Settlement.Failed, conclusion.Settlement);
        Assert.Equal(new AttemptEnding.Answered(Verdict.DirectoryTimeoutAfterSend), conclusion.Stored);
    }

    [Theory]
    [InlineData(Verdict.DirectoryTimeout)]
    [InlineData(Verdict.NoDomainController)]
    [InlineData(Verdict.TlsFailure)]
    public void A_bind_that_was_not_sent_is_refunded_and_another_agent_may_try(Verdict verdict)
    {
        var conclusion = AttemptDecider.AfterBind(verdict, mayHaveBeenSent: false);

        var handedBack = new AttemptEnding.HandedBack(HandBackReason.ForestUnreachable);
        Assert.Equal(new BindConclusion(Settlement.Refunded, AwaitStored: false, handedBack, handedBack), conclusion);
    }

    [Fact]
    public void No_failure_is_told_before_its_charge_is_stored() =>
        Gen.Enum<Verdict>().Sample(verdict =>
        {
            var conclusion = AttemptDecider.AfterBind(verdict, mayHaveBeenSent: true);
            return conclusion.Settlement == Settlement.Failed
                ? conclusion.AwaitStored && conclusion.NotStored == new AttemptEnding.Answered(Verdict.AgentDeadlineExceeded)
                : !conclusion.AwaitStored && conclusion.NotStored == conclusion.Stored;
        });

    [Fact]
    public void After_a_bind_may_have_been_sent_no_attempt_is_handed_back() =>
        Gen.Enum<Verdict>().Sample(verdict =>
            AttemptDecider.AfterBind(verdict, mayHaveBeenSent: true) is
            {
                Stored: AttemptEnding.Answered,
                NotStored: AttemptEnding.Answered,
            });

    [Theory]
    [InlineData(PermitOutcome.Granted, false, null, null)]
    [InlineData(PermitOutcome.Granted, true, null, HandBackReason.Expired)]
    [InlineData(PermitOutcome.Locked, false, Verdict.SmartLocked, null)]
    [InlineData(PermitOutcome.Locked, true, Verdict.SmartLocked, null)]
    [InlineData(PermitOutcome.TooManyOpen, false, Verdict.Overloaded, null)]
    [InlineData(PermitOutcome.Unavailable, false, null, HandBackReason.Busy)]
    [InlineData(PermitOutcome.Unavailable, true, null, HandBackReason.Expired)]
    public void Without_a_permit_there_is_no_bind(PermitOutcome outcome, bool isLate, Verdict? answered, HandBackReason? handedBack)
    {
        AttemptEnding? expected = answered is { } verdict ? new AttemptEnding.Answered(verdict)
            : handedBack is { } reason ? new AttemptEnding.HandedBack(reason)
            : null;

        Assert.Equal(expected, AttemptDecider.AfterPermit(outcome, isLate));
    }

    [Theory]
    [InlineData(Verdict.NoDomainController)]
    [InlineData(Verdict.DirectoryTimeout)]
    [InlineData(Verdict.DirectoryBusy)]
    [InlineData(Verdict.DirectoryRefused)]
    [InlineData(Verdict.TlsFailure)]
    public void A_directory_that_cannot_be_asked_is_left_to_another_agent(Verdict why) =>
        Assert.Equal(
            new AttemptEnding.HandedBack(HandBackReason.ForestUnreachable), AttemptDecider.AfterLookupWithoutVerdict(why));

    [Theory]
    [InlineData(8_000, 15_000, 7_500)]
    [InlineData(2_000, 15_000, 1_500)]
    [InlineData(1_000, 15_000, 750)]
    [InlineData(8_000, 3_000, 3_000)]
    [InlineData(8_000, -1, -1)]
    [InlineData(0, 15_000, 0)]
    public void A_bind_leaves_time_for_its_settlement_and_ends_with_its_permit(int leftMs, int permitLeftMs, int bindMs) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(bindMs),
            AttemptDecider.BindTime(TimeSpan.FromMilliseconds(leftMs), TimeSpan.FromMilliseconds(permitLeftMs)));

    [Theory]
    [InlineData(Verdict.DirectoryTimeoutAfterSend, true, 1_500, true)]
    [InlineData(Verdict.DirectoryTimeoutAfterSend, true, 1_499, false)]
    [InlineData(Verdict.DirectoryTimeoutAfterSend, false, 8_000, false)]
    [InlineData(Verdict.BadPassword, true, 8_000, false)]
    [InlineData(Verdict.AgentDeadlineExceeded, true, 8_000, false)]
    public void Only_a_bind_that_was_swallowed_is_made_again(Verdict verdict, bool anotherIsReady, int leftMs, bool again) =>
        Assert.Equal(again, AttemptDecider.MayTryAgain(new AttemptEnding.Answered(verdict), anotherIsReady, TimeSpan.FromMilliseconds(leftMs)));

    [Theory]
    [InlineData(Verdict.Success, true), InlineData(Verdict.BadPassword, true), InlineData(Verdict.SmartLocked, true)]
    [InlineData(Verdict.Overloaded, false), InlineData(Verdict.DirectoryTimeoutAfterSend, false)]
    public void Of_two_tries_the_second_counts_if_it_is_an_answer(Verdict verdict, bool counts)
    {
        var (first, second) = (new AttemptEnding.Answered(Verdict.DirectoryTimeoutAfterSend), new AttemptEnding.Answered(verdict));
        Assert.Same(counts ? second : first, AttemptDecider.OfTwo(first, second));
        Assert.Same(first, AttemptDecider.OfTwo(first, new AttemptEnding.HandedBack(HandBackReason.Busy)));
    }
}
