using System.Security.Cryptography;
using CsCheck;
using Google.Protobuf;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

public sealed class OfferAndSessionTests : IDisposable
{
    private readonly Rig _rig = new();

    [Fact]
    public void Any_changed_bit_of_an_offer_is_refused()
    {
        foreach (var field in (string[])["key_id", "public_key", "signature"])
        {
            var original = Field(_rig.Offer, field);
            for (var bit = 0; bit < original.Length * 8; bit++)
            {
                var changed = original.ToByteArray();
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                var offer = _rig.Offer.Clone();
                SealingKey.Descriptor.FindFieldByName(field).Accessor.SetValue(offer, ByteString.CopyFrom(changed));
                Assert.Equal(OfferFault.BadSignature, Open(offer));
            }
        }
    }

    [Fact]
    public void An_offer_signed_by_another_key_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(OfferFault.BadSignature, Open(_rig.SealingKey.Offer(other)));
    }

    [Fact]
    public void An_offer_of_one_agent_is_refused_from_another()
    {
        foreach (var agent in new[] { new AgentIdentity("contoso", "agent-2"), new AgentIdentity("fabrikam", "agent-1") })
        {
            Assert.Equal(
                OfferFault.BadSignature,
                SealingSessionSender.TryOpen(_rig.Offer, agent, _rig.CertificateKey, Rig.Start, out var session));
            Assert.Null(session);
        }
    }

    [Fact]
    public void A_certificate_key_of_another_curve_is_refused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Equal(OfferFault.BadSignature, SealingSessionSender.TryOpen(_rig.Offer, _rig.Agent, p384, Rig.Start, out _));
    }

    [Fact]
    public void A_signed_key_that_is_no_point_of_the_curve_is_refused()
    {
        var point = _rig.Offer.PublicKey.ToByteArray();
        point[64] ^= 1;
        var offer = SealingKeyOffer.Sign(_rig.Agent, _rig.Offer.KeyId.Span, point, _rig.CertificateKey);
        Assert.Equal(OfferFault.BadPoint, Open(offer));
    }

    [Theory]
    [InlineData("key_id", 7)]
    [InlineData("key_id", 9)]
    [InlineData("key_id", 0)]
    [InlineData("public_key", 64)]
    [InlineData("public_key", 66)]
    [InlineData("public_key", 0)]
    public void An_offer_with_a_field_of_another_length_is_refused(string field, int length)
    {
        var offer = _rig.Offer.Clone();
        SealingKey.Descriptor.FindFieldByName(field).Accessor.SetValue(offer, ByteString.CopyFrom(new byte[length]));
        Assert.Equal(OfferFault.Malformed, Open(offer));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(72)]
    public void A_signature_of_another_length_is_refused(int length) =>
        Assert.Equal(OfferFault.BadSignature, Open(new SealingKey(_rig.Offer) { Signature = ByteString.CopyFrom(new byte[length]) }));

    [Fact]
    public void An_announcement_is_accepted_once() =>
        Assert.Equal(SessionFault.Repeated, Accept(_rig.Sender.Announcement));

    [Fact]
    public void An_announcement_that_was_changed_opens_a_session_in_which_nothing_can_be_read()
    {
        // HPKE's base mode says nothing of who encapsulates: the stream's TLS does. A change makes other keys, no more.
        Open(_rig.Offer, out var sender);
        using var attempt = Rig.Seal();
        var changed = new SealingSession(sender!.Announcement) { OpenedAtUnixMs = sender.Announcement.OpenedAtUnixMs + 1 };
        Assert.Equal(SessionFault.None, Accept(changed, out var receiver));
        Assert.Equal(
            UnwrapFault.Forged,
            receiver!.TryUnwrap(attempt.For([sender], Rig.Start, TimeSpan.FromSeconds(5))!, Rig.Start, out _));
        sender.Dispose();
        receiver.Dispose();
    }

    [Fact]
    public void An_announcement_for_another_key_is_refused()
    {
        using var other = new Rig();
        Assert.Equal(SessionFault.UnknownKey, Accept(other.Sender.Announcement));
    }

    [Fact]
    public void An_announcement_whose_encapsulated_key_is_no_point_is_refused_and_not_remembered()
    {
        Open(_rig.Offer, out var sender);
        var enc = sender!.Announcement.Enc.ToByteArray();
        enc[64] ^= 1;
        Assert.Equal(SessionFault.BadPoint, Accept(new SealingSession(sender.Announcement) { Enc = ByteString.CopyFrom(enc) }));
        Assert.Equal(SessionFault.None, Accept(sender.Announcement));
        sender.Dispose();
    }

    [Theory]
    [InlineData("session_id", 7)]
    [InlineData("session_id", 9)]
    [InlineData("key_id", 0)]
    [InlineData("enc", 64)]
    [InlineData("enc", 66)]
    public void An_announcement_with_a_field_of_another_length_is_refused(string field, int length)
    {
        var session = _rig.Sender.Announcement;
        SealingSession.Descriptor.FindFieldByName(field).Accessor.SetValue(session, ByteString.CopyFrom(new byte[length]));
        Assert.Equal(SessionFault.Malformed, Accept(session));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void An_announcement_of_an_instant_that_does_not_exist_is_refused(long openedAt) =>
        Assert.Equal(SessionFault.Malformed, Accept(new SealingSession(_rig.Sender.Announcement) { OpenedAtUnixMs = openedAt }));

    [Fact]
    public void A_key_accepts_so_many_sessions_and_no_more()
    {
        for (var i = 1; i < SealingLimits.MaxSessionsPerKey; i++)
        {
            Assert.Equal(SessionFault.None, Accept(WithNewId(i)));
        }

        Assert.Equal(SessionFault.TooMany, Accept(WithNewId(SealingLimits.MaxSessionsPerKey)));
    }

    [Fact]
    public void A_key_is_offered_for_an_hour_and_accepts_for_a_minute_more()
    {
        var hour = Rig.Start.AddHours(1);
        Assert.True(_rig.SealingKey.IsFresh(hour.AddTicks(-1)));
        Assert.False(_rig.SealingKey.IsFresh(hour));
        Assert.Equal(SessionFault.None, Accept(WithNewId(1), out _, hour.AddMinutes(1).AddTicks(-1)));
        Assert.Equal(SessionFault.KeyRetired, Accept(WithNewId(2), out _, hour.AddMinutes(1)));
    }

    [Fact]
    public void A_key_that_was_disposed_of_accepts_nothing()
    {
        _rig.SealingKey.Dispose();
        Assert.Equal(SessionFault.KeyRetired, Accept(WithNewId(1)));
    }

    [Fact]
    public void Random_messages_never_throw() =>
        Gen.Select(Gen.Byte.Array[0, 80], Gen.Byte.Array[0, 80], Gen.Byte.Array[0, 80], Gen.Long).Sample(
            (a, b, c, time) =>
            {
                Open(new SealingKey { KeyId = ByteString.CopyFrom(a), PublicKey = ByteString.CopyFrom(b), Signature = ByteString.CopyFrom(c) });
                Accept(new SealingSession
                {
                    SessionId = ByteString.CopyFrom(a),
                    KeyId = ByteString.CopyFrom(b),
                    Enc = ByteString.CopyFrom(c),
                    OpenedAtUnixMs = time,
                });
            },
            iter: 2_000);

    public void Dispose() => _rig.Dispose();

    private static ByteString Field(SealingKey offer, string field) =>
        (ByteString)SealingKey.Descriptor.FindFieldByName(field).Accessor.GetValue(offer);

    private SealingSession WithNewId(int id) =>
        new(_rig.Sender.Announcement) { SessionId = ByteString.CopyFrom(BitConverter.GetBytes((long)id)) };

    private OfferFault Open(SealingKey offer) => Open(offer, out _);

    private OfferFault Open(SealingKey offer, out SealingSessionSender? session)
    {
        var fault = SealingSessionSender.TryOpen(offer, _rig.Agent, _rig.CertificateKey, Rig.Start, out session);
        Assert.Equal(fault == OfferFault.None, session is not null);
        return fault;
    }

    private SessionFault Accept(SealingSession session) => Accept(session, out _);

    private SessionFault Accept(SealingSession session, out SealingSessionReceiver? receiver, DateTimeOffset? now = null)
    {
        var fault = _rig.SealingKey.TryAccept(session, now ?? Rig.Start, out receiver);
        Assert.Equal(fault == SessionFault.None, receiver is not null);
        return fault;
    }
}
