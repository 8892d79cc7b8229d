using Google.Protobuf;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

public sealed class AnswerTests : IDisposable
{
    private readonly Rig _rig = new();
    private readonly SealedAttempt _attempt = Rig.Seal();
    private readonly OpenedAttempt _opened;
    private readonly Answer _answer;

    public AnswerTests()
    {
        _opened = _rig.Open(_rig.Message(_attempt));
        _answer = _opened.Answer(2, new AnswerDetail { DomainController = "dc1", PermitNumber = 3 });
    }

    [Fact]
    public void A_forged_verdict_is_refused() =>
        AssertRefused(AnswerFault.Forged, new Answer(_answer) { Verdict = 1 });

    [Fact]
    public void A_changed_detail_is_refused() =>
        AssertRefused(
            AnswerFault.Forged,
            new Answer(_answer) { Detail = new AnswerDetail { DomainController = "dc2", PermitNumber = 3 }.ToByteString() });

    [Theory]
    [InlineData(SealingLimits.MaxFamiliarSources, AnswerFault.None)]
    [InlineData(SealingLimits.MaxFamiliarSources + 1, AnswerFault.Malformed)]
    public void A_lock_names_at_most_20_familiar_sources(int count, AnswerFault fault)
    {
        var told = new AccountLock { UnfamiliarMs = 60_000, FamiliarSources = { Enumerable.Range(1, count).Select(i => (ulong)i) } };
        Assert.Equal(fault, _attempt.Verify(_opened.Answer(3, new AnswerDetail { Lock = told }), "agent-1", out var detail));
        Assert.Equal(fault == AnswerFault.None ? told : null, detail?.Lock);
    }

    [Fact]
    public void A_detail_left_out_is_refused() =>
        AssertRefused(AnswerFault.Forged, new Answer(_answer) { Detail = ByteString.Empty });

    [Fact]
    public void Any_changed_bit_of_the_mac_is_refused()
    {
        for (var bit = 0; bit < 256; bit++)
        {
            var mac = _answer.Mac.ToByteArray();
            mac[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(AnswerFault.Forged, new Answer(_answer) { Mac = ByteString.CopyFrom(mac) });
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_mac_of_another_length_is_refused(int length) =>
        AssertRefused(AnswerFault.Malformed, new Answer(_answer) { Mac = ByteString.CopyFrom(new byte[length]) });

    [Fact]
    public void A_mac_of_zeros_is_refused() =>
        AssertRefused(AnswerFault.Forged, new Answer(_answer) { Mac = ByteString.CopyFrom(new byte[32]) });

    [Fact]
    public void The_answer_of_one_agent_is_refused_from_another()
    {
        Assert.Equal(AnswerFault.None, _attempt.Verify(_answer, "agent-1", out _));
        Assert.Equal(AnswerFault.Forged, _attempt.Verify(_answer, "agent-2", out _));
        Assert.Equal(AnswerFault.Forged, _attempt.Verify(_answer, "AGENT-1", out _));
    }

    [Fact]
    public void The_answer_to_another_attempt_is_refused()
    {
        using var other = Rig.Seal();
        Assert.Equal(AnswerFault.OtherAttempt, other.Verify(_answer, "agent-1", out _));

        // Renamed to the other attempt, its MAC is still the first one's.
        var renamed = new Answer(_answer) { AttemptId = ByteString.CopyFrom(other.Header.AttemptId.ToByteArray(bigEndian: true)) };
        Assert.Equal(AnswerFault.Forged, other.Verify(renamed, "agent-1", out _));
    }

    [Fact]
    public void The_answer_to_another_try_of_the_same_attempt_is_refused()
    {
        using var second = Rig.Seal(_attempt.Header with { AttemptNumber = 2 });
        Assert.Equal(AnswerFault.OtherAttempt, second.Verify(_answer, "agent-1", out _));
        Assert.Equal(AnswerFault.Forged, second.Verify(new Answer(_answer) { AttemptNumber = 2 }, "agent-1", out _));
    }

    [Fact]
    public void An_attempt_number_is_not_read_modulo_anything() =>
        AssertRefused(AnswerFault.OtherAttempt, new Answer(_answer) { AttemptNumber = 1 + 65_536 });

    [Fact]
    public void Who_did_not_open_the_attempt_cannot_answer_it()
    {
        // An agent that saw the whole message, but holds no key for it, makes up a content key.
        using var guessed = new OpenedAttempt(
            "agent-1", _attempt.Header, _rig.Message(_attempt), PinnedSecret.Random(32), Rig.Start.AddSeconds(5));
        Assert.Equal(AnswerFault.Forged, _attempt.Verify(guessed.Answer(1, new AnswerDetail()), "agent-1", out _));
    }

    [Fact]
    public void A_detail_of_up_to_2048_bytes_is_bound_and_a_longer_one_is_not_made()
    {
        // One tag byte and two bytes of length come before the text.
        var largest = new AnswerDetail { Route = new string('r', SealingLimits.MaxDetailBytes - 3) };
        Assert.Equal(AnswerFault.None, _attempt.Verify(_opened.Answer(2, largest), "agent-1", out var detail));
        Assert.Equal(largest, detail);

        largest.Route += "r";
        Assert.Throws<ArgumentException>(() => _opened.Answer(2, largest));
        AssertRefused(AnswerFault.Malformed, new Answer(_answer) { Detail = largest.ToByteString() });
    }

    [Fact]
    public void A_detail_that_cannot_be_read_is_refused_even_if_it_is_bound()
    {
        var unreadable = ByteString.CopyFrom(0x0a, 0xff);
        var mac = new byte[32];
        using var key = new PinnedSecret(32);
        using var attempt = SealedAttempt.SealWithKnownKey(Rig.Header(), "p"u8, key);
        SealingLayouts.AnswerMac(key.Bytes, attempt.Header, "agent-1", 1, unreadable.Span, mac);
        var answer = new Answer
        {
            AttemptId = ByteString.CopyFrom(attempt.Header.AttemptId.ToByteArray(bigEndian: true)),
            AttemptNumber = 1,
            Verdict = 1,
            Detail = unreadable,
            Mac = ByteString.CopyFrom(mac),
        };
        Assert.Equal(AnswerFault.Malformed, attempt.Verify(answer, "agent-1", out _));
    }

    [Fact]
    public void An_empty_answer_is_refused() => AssertRefused(AnswerFault.Malformed, new Answer());

    public void Dispose()
    {
        _opened.Dispose();
        _attempt.Dispose();
        _rig.Dispose();
    }

    private void AssertRefused(AnswerFault expected, Answer answer)
    {
        Assert.Equal(expected, _attempt.Verify(answer, "agent-1", out var detail));
        Assert.Null(detail);
    }
}
