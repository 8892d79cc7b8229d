using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

public sealed class ReplayAndExpiryTests : IDisposable
{
    private readonly Rig _rig = new();

    [Fact]
    public void The_same_message_is_opened_once()
    {
        using var attempt = Rig.Seal();
        var message = _rig.Message(attempt);
        Assert.Equal(UnwrapFault.None, _rig.Fault(message));
        Assert.Equal(UnwrapFault.Replayed, _rig.Fault(message));
        Assert.Equal(UnwrapFault.Replayed, _rig.Fault(message, Rig.Start.AddSeconds(9)));
    }

    [Fact]
    public void The_same_attempt_and_number_under_a_new_counter_is_opened_once()
    {
        using var attempt = Rig.Seal();
        Assert.Equal(UnwrapFault.None, _rig.Fault(_rig.Message(attempt)));
        Assert.Equal(UnwrapFault.Replayed, _rig.Fault(_rig.Message(attempt)));
    }

    [Fact]
    public void The_next_number_of_the_same_attempt_is_opened()
    {
        var header = Rig.Header();
        using var first = Rig.Seal(header);
        using var second = Rig.Seal(header with { AttemptNumber = 2 });
        Assert.Equal(UnwrapFault.None, _rig.Fault(_rig.Message(first)));
        Assert.Equal(UnwrapFault.None, _rig.Fault(_rig.Message(second)));
    }

    [Fact]
    public void A_counter_that_was_used_is_refused_for_any_attempt()
    {
        using var first = Rig.Seal();
        using var second = Rig.Seal();
        Assert.Equal(UnwrapFault.None, _rig.Fault(_rig.Message(first)));
        var reused = _rig.Message(second);
        reused.Wraps[0].Counter = 0;
        Assert.Equal(UnwrapFault.Replayed, _rig.Fault(reused));
    }

    [Fact]
    public void Wraps_may_come_in_any_order()
    {
        var attempts = Enumerable.Range(0, 300).Select(_ => Rig.Seal()).ToList();
        var messages = attempts.Select(attempt => _rig.Message(attempt)).ToList();
        var shuffled = messages.ToArray();
        new Random(20260304).Shuffle(shuffled);
        Assert.All(shuffled, message => Assert.Equal(UnwrapFault.None, _rig.Fault(message)));
        Assert.All(messages, message => Assert.Equal(UnwrapFault.Replayed, _rig.Fault(message)));
        attempts.ForEach(attempt => attempt.Dispose());
    }

    [Fact]
    public void One_message_given_many_times_at_once_is_opened_once()
    {
        for (var round = 0; round < 20; round++)
        {
            using var attempt = Rig.Seal();
            var message = _rig.Message(attempt);
            var opened = 0;
            Parallel.For(0, 16, _ => Interlocked.Add(ref opened, _rig.Fault(message) == UnwrapFault.None ? 1 : 0));
            Assert.Equal(1, opened);
        }
    }

    [Fact]
    public void A_message_of_one_session_is_unknown_to_the_next()
    {
        using var attempt = Rig.Seal();
        var message = _rig.Message(attempt);
        SealingSessionSender.TryOpen(_rig.Offer, _rig.Agent, _rig.CertificateKey, Rig.Start, out var next);
        _rig.SealingKey.TryAccept(next!.Announcement, Rig.Start, out var receiver);
        Assert.Equal(UnwrapFault.UnknownSession, receiver!.TryUnwrap(message, Rig.Start, out _));
        next.Dispose();
        receiver.Dispose();
    }

    [Theory]
    [InlineData(9_999, UnwrapFault.None)]
    [InlineData(10_000, UnwrapFault.Expired)]
    public void An_attempt_ends_with_its_time_to_live(int laterMs, UnwrapFault expected)
    {
        using var attempt = Rig.Seal();
        Assert.Equal(expected, _rig.Fault(_rig.Message(attempt), Rig.Start.AddMilliseconds(laterMs)));
    }

    [Theory]
    [InlineData(0u, UnwrapFault.Expired)]
    [InlineData(1u, UnwrapFault.None)]
    public void An_attempt_with_no_time_remaining_is_not_opened(uint remainingMs, UnwrapFault expected)
    {
        using var attempt = Rig.Seal();
        var message = _rig.Message(attempt);
        message.RemainingMs = remainingMs;
        Assert.Equal(expected, _rig.Fault(message));
    }

    [Fact]
    public void What_remains_may_shorten_the_time_to_live_and_never_lengthen_it()
    {
        using var first = Rig.Seal();
        using var second = Rig.Seal();
        var message = _rig.Message(first);
        message.RemainingMs = 2_000;
        Assert.Equal(Rig.Start.AddSeconds(2), _rig.Open(message).Expires);
        message = _rig.Message(second);
        message.RemainingMs = uint.MaxValue;
        Assert.Equal(Rig.Start.AddSeconds(10), _rig.Open(message).Expires);
    }

    [Fact]
    public void The_two_clocks_need_not_agree()
    {
        // The gateway's clock is a day ahead of the agent's, and the announcement took 300 ms.
        var gatewayNow = Rig.Start.AddDays(1);
        var agentNow = Rig.Start.AddMilliseconds(300);
        Assert.Equal(
            OfferFault.None, SealingSessionSender.TryOpen(_rig.Offer, _rig.Agent, _rig.CertificateKey, gatewayNow, out var sender));
        Assert.Equal(SessionFault.None, _rig.SealingKey.TryAccept(sender!.Announcement, agentNow, out var receiver));
        using var attempt = Rig.Seal(Rig.Header(gatewayNow.AddSeconds(20)));
        var message = attempt.For([sender], gatewayNow.AddSeconds(20), TimeSpan.FromSeconds(10))!;

        Assert.Equal(UnwrapFault.Expired, receiver!.TryUnwrap(message, agentNow.AddSeconds(30), out _));
        using var second = Rig.Seal(Rig.Header(gatewayNow.AddSeconds(20)));
        message = second.For([sender], gatewayNow.AddSeconds(20), TimeSpan.FromSeconds(10))!;
        Assert.Equal(UnwrapFault.None, receiver.TryUnwrap(message, agentNow.AddSeconds(29), out var opened));
        Assert.Equal(agentNow.AddSeconds(30), opened!.Expires);
        opened.Dispose();
        sender.Dispose();
        receiver.Dispose();
    }

    [Theory]
    [InlineData(-30_000, UnwrapFault.None)]
    [InlineData(-30_001, UnwrapFault.Expired)]
    [InlineData(60_000, UnwrapFault.None)]
    [InlineData(60_001, UnwrapFault.Expired)]
    public void An_attempt_is_issued_within_its_session_or_one_time_to_live_before(int afterOpeningMs, UnwrapFault expected)
    {
        // Opened as early as the agent could have it: at the session's own opening, or at the issue if that is later.
        var now = Rig.Start.AddMilliseconds(Math.Max(afterOpeningMs, 0));
        var header = Rig.Header(Rig.Start.AddMilliseconds(afterOpeningMs)) with { TimeToLiveMs = 30_000 };
        using var attempt = Rig.Seal(header);

        // One millisecond before its end, where it has one: an attempt of just now would pass in any case.
        var opening = afterOpeningMs <= -30_000 ? now.AddMilliseconds(-1) : now;
        var message = attempt.For([_rig.Sender], Rig.Start, TimeSpan.FromSeconds(30))!;
        Assert.Equal(expected, _rig.Fault(message, opening));
    }

    [Fact]
    public void A_session_ends_at_the_sender_after_60_seconds()
    {
        using var attempt = Rig.Seal();
        Assert.True(_rig.Sender.IsFresh(Rig.Start.AddMilliseconds(59_999)));
        Assert.NotNull(attempt.WrapFor(_rig.Sender, Rig.Start.AddMilliseconds(59_999)));
        Assert.False(_rig.Sender.IsFresh(Rig.Start.AddSeconds(60)));
        Assert.Null(attempt.WrapFor(_rig.Sender, Rig.Start.AddSeconds(60)));
    }

    [Fact]
    public void A_session_ends_at_the_sender_when_its_clock_is_set_back() =>
        Assert.False(_rig.Sender.IsFresh(Rig.Start.AddMilliseconds(-1)));

    [Theory]
    [InlineData(94_999, UnwrapFault.Expired)]
    [InlineData(95_000, UnwrapFault.SessionEnded)]
    public void A_session_ends_at_the_receiver_after_95_seconds(int laterMs, UnwrapFault expected)
    {
        using var attempt = Rig.Seal();
        Assert.Equal(expected, _rig.Fault(_rig.Message(attempt), Rig.Start.AddMilliseconds(laterMs)));
        Assert.Equal(expected == UnwrapFault.SessionEnded, _rig.Receiver.HasEnded(Rig.Start.AddMilliseconds(laterMs)));
    }

    [Fact]
    public void The_last_attempt_of_a_session_has_its_whole_time()
    {
        var last = Rig.Start.AddMilliseconds(59_999);
        using var attempt = Rig.Seal(Rig.Header(last) with { TimeToLiveMs = 30_000 });
        var message = attempt.For([_rig.Sender], last, TimeSpan.FromSeconds(30))!;
        Assert.Equal(UnwrapFault.None, _rig.Fault(message, last.AddMilliseconds(29_999)));
    }

    [Fact]
    public void A_session_ends_at_the_sender_after_2_to_the_20_messages_and_no_counter_is_given_twice()
    {
        var header = Rig.Header().Encode();
        var key = new byte[32];
        var seen = new int[SealingLimits.MaxSessionMessages];
        var refused = 0;
        Wrap? last = null;
        Parallel.For(0, (int)SealingLimits.MaxSessionMessages + 10, _ =>
        {
            if (_rig.Sender.Wrap(key, header, Rig.Start) is { } wrap)
            {
                Interlocked.Increment(ref seen[wrap.Counter]);
                last = wrap.Counter == SealingLimits.MaxSessionMessages - 1 ? wrap : last;
            }
            else
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal(10, refused);
        Assert.DoesNotContain(seen, times => times != 1);
        Assert.False(_rig.Sender.IsFresh(Rig.Start));
    }

    [Fact]
    public void A_disposed_session_wraps_and_opens_nothing()
    {
        using var attempt = Rig.Seal();
        var message = _rig.Message(attempt);
        _rig.Receiver.Dispose();
        Assert.Equal(UnwrapFault.Forged, _rig.Fault(message));
        _rig.Sender.Dispose();
        Assert.Null(attempt.WrapFor(_rig.Sender, Rig.Start));
    }

    public void Dispose() => _rig.Dispose();
}
