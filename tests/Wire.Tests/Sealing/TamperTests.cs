using Google.Protobuf;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

public sealed class TamperTests : IDisposable
{
    private readonly Rig _rig = new();
    private readonly SealedAttempt _attempt = Rig.Seal();

    [Fact]
    public void Any_changed_bit_of_the_header_is_refused()
    {
        var message = _rig.Message(_attempt);
        foreach (var changed in EveryBitFlipped(message.Header))
        {
            // The counter is not used up by a forgery: the true message still opens below.
            Assert.Equal(UnwrapFault.Forged, _rig.Fault(new Attempt(message) { Header = changed }));
        }

        Assert.Equal(UnwrapFault.None, _rig.Fault(message));
    }

    [Fact]
    public void Any_changed_bit_of_the_wrap_is_refused()
    {
        var message = _rig.Message(_attempt);
        foreach (var changed in EveryBitFlipped(message.Wraps[0].WrappedKey))
        {
            Assert.Equal(UnwrapFault.Forged, _rig.Fault(With(message, new Wrap(message.Wraps[0]) { WrappedKey = changed })));
        }

        foreach (var changed in EveryBitFlipped(message.Wraps[0].SessionId))
        {
            Assert.Equal(UnwrapFault.UnknownSession, _rig.Fault(With(message, new Wrap(message.Wraps[0]) { SessionId = changed })));
        }

        for (var bit = 0; bit < 64; bit++)
        {
            var counter = message.Wraps[0].Counter ^ (1UL << bit);
            var expected = counter < SealingLimits.MaxSessionMessages ? UnwrapFault.Forged : UnwrapFault.Malformed;
            Assert.Equal(expected, _rig.Fault(With(message, new Wrap(message.Wraps[0]) { Counter = counter })));
        }

        Assert.Equal(UnwrapFault.None, _rig.Fault(message));
    }

    [Fact]
    public void Any_changed_bit_of_the_sealed_password_is_refused()
    {
        var bits = _rig.Message(_attempt).SealedPassword.Length * 8;
        for (var bit = 0; bit < bits; bit++)
        {
            // The wrap of an attempt opens once, so each bit has an attempt of its own.
            using var attempt = Rig.Seal();
            var message = _rig.Message(attempt);
            message.SealedPassword = Flipped(message.SealedPassword, bit);
            using var opened = _rig.Open(message);
            Assert.False(opened.TryOpenPassword(_ => true, out _), $"bit {bit}");
        }
    }

    [Fact]
    public void The_password_of_one_attempt_does_not_open_under_another()
    {
        using var other = Rig.Seal(password: "another password");
        var mixed = new Attempt(_rig.Message(_attempt)) { SealedPassword = _rig.Message(other).SealedPassword };
        using var opened = _rig.Open(mixed);
        Assert.Null(Rig.Password(opened));
    }

    [Fact]
    public void The_wrap_of_one_attempt_does_not_open_another()
    {
        using var other = Rig.Seal();
        Assert.Equal(UnwrapFault.Forged, _rig.Fault(With(_rig.Message(_attempt), _rig.Message(other).Wraps[0])));
    }

    [Fact]
    public void A_wrap_does_not_open_for_another_agent_that_is_given_its_session_id()
    {
        using var thief = new Rig("agent-2");
        var message = _rig.Message(_attempt);
        var theirs = thief.Message(_attempt).Wraps[0];
        Assert.Equal(UnwrapFault.Forged, thief.Fault(With(message, new Wrap(message.Wraps[0]) { SessionId = theirs.SessionId })));
    }

    [Fact]
    public void A_header_of_another_tenant_is_refused_even_if_it_is_authentic()
    {
        // Only a gateway that forgot its own check could make it: the wrap is made below that check.
        var header = Rig.Header(tenant: "fabrikam");
        using var attempt = Rig.Seal(header);
        var key = new byte[32];
        var wrap = _rig.Sender.Wrap(key, header.Encode(), Rig.Start)!;
        var message = new Attempt
        {
            Header = ByteString.CopyFrom(header.Encode()),
            SealedPassword = ByteString.CopyFrom(new byte[144]),
            RemainingMs = 1_000,
        };
        Assert.Equal(UnwrapFault.WrongTenant, _rig.Fault(With(message, wrap)));
    }

    [Theory]
    [InlineData(0, UnwrapFault.WrongVersion)]
    [InlineData(1, UnwrapFault.BadHeader)]
    public void An_authentic_header_that_cannot_be_read_is_refused(int position, UnwrapFault expected)
    {
        var header = Rig.Header().Encode();
        header[position] = 0;
        var message = new Attempt
        {
            Header = ByteString.CopyFrom(header),
            SealedPassword = ByteString.CopyFrom(new byte[144]),
            RemainingMs = 1_000,
        };
        message.Wraps.Add(_rig.Sender.Wrap(new byte[32], header, Rig.Start)!);
        Assert.Equal(expected, _rig.Fault(message));
        Assert.Equal(UnwrapFault.Replayed, _rig.Fault(message));
    }

    public void Dispose()
    {
        _attempt.Dispose();
        _rig.Dispose();
    }

    private static IEnumerable<ByteString> EveryBitFlipped(ByteString bytes) =>
        Enumerable.Range(0, bytes.Length * 8).Select(bit => Flipped(bytes, bit));

    private static ByteString Flipped(ByteString bytes, int bit)
    {
        var changed = bytes.ToByteArray();
        changed[bit / 8] ^= (byte)(1 << (bit % 8));
        return ByteString.CopyFrom(changed);
    }

    private static Attempt With(Attempt message, Wrap wrap)
    {
        var changed = new Attempt(message);
        changed.Wraps.Clear();
        changed.Wraps.Add(wrap);
        return changed;
    }
}
