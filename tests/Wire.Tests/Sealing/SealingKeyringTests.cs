using System.Security.Cryptography;
using Google.Protobuf;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Tests.Sealing;

public sealed class SealingKeyringTests : IDisposable
{
    private readonly AgentIdentity _agent = new("contoso", "agent-1");
    private readonly ECDsa _certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly SealingKeyring _keyring;

    public SealingKeyringTests() => _keyring = new SealingKeyring(_agent);

    [Fact]
    public void Sessions_of_several_gateways_and_keys_are_open_at_once()
    {
        var senders = Enumerable.Range(0, 4).Select(_ => Connect(Rig.Start)).ToList();
        foreach (var sender in senders)
        {
            AssertOpens(UnwrapFault.None, sender, Rig.Start);
        }
    }

    [Fact]
    public void An_attempt_for_other_agents_only_is_unknown()
    {
        using var other = new Rig("agent-2");
        AssertOpens(UnwrapFault.UnknownSession, other.Sender, Rig.Start);
    }

    [Fact]
    public void What_was_accepted_outlives_the_key_until_its_time_is_over()
    {
        var offer = _keyring.Offer(_certificateKey, Rig.Start);
        var sender = Open(offer, Rig.Start);
        Assert.Equal(SessionFault.None, _keyring.Accept(sender.Announcement, Rig.Start));
        _keyring.Forget(offer);

        AssertOpens(UnwrapFault.None, sender, Rig.Start.AddSeconds(59));
        Assert.Equal(SessionFault.UnknownKey, _keyring.Accept(Open(offer, Rig.Start).Announcement, Rig.Start));
    }

    [Fact]
    public void Sessions_and_keys_that_are_over_are_swept()
    {
        var offer = _keyring.Offer(_certificateKey, Rig.Start);
        var sender = Open(offer, Rig.Start);
        Assert.Equal(SessionFault.None, _keyring.Accept(sender.Announcement, Rig.Start));
        using var attempt = Rig.Seal();
        var message = attempt.For([sender], Rig.Start, TimeSpan.FromSeconds(8))!;
        Assert.Equal(UnwrapFault.SessionEnded, _keyring.TryUnwrap(message, Rig.Start.AddSeconds(95), out _));

        _keyring.Sweep(Rig.Start.AddSeconds(95));
        Assert.Equal(UnwrapFault.UnknownSession, _keyring.TryUnwrap(message, Rig.Start.AddSeconds(95), out _));
        _keyring.Sweep(Rig.Start.AddHours(1).AddMinutes(1));
        Assert.Equal(SessionFault.UnknownKey, _keyring.Accept(Open(offer, Rig.Start).Announcement, Rig.Start));
    }

    [Fact]
    public void It_keeps_so_many_sessions_at_once_and_no_more()
    {
        var offer = _keyring.Offer(_certificateKey, Rig.Start);
        var announcement = Open(offer, Rig.Start).Announcement;
        for (var i = 0; i < SealingLimits.MaxSessions; i++)
        {
            Assert.Equal(SessionFault.None, _keyring.Accept(WithId(announcement, i), Rig.Start));
        }

        Assert.Equal(SessionFault.TooMany, _keyring.Accept(WithId(announcement, SealingLimits.MaxSessions), Rig.Start));
        Assert.Equal(SessionFault.None, _keyring.Accept(WithId(announcement, SealingLimits.MaxSessions), Rig.Start.AddSeconds(95)));
    }

    [Fact]
    public void A_session_id_is_accepted_once_whatever_key_it_names()
    {
        var first = Open(_keyring.Offer(_certificateKey, Rig.Start), Rig.Start).Announcement;
        var second = Open(_keyring.Offer(_certificateKey, Rig.Start), Rig.Start).Announcement;
        Assert.Equal(SessionFault.None, _keyring.Accept(first, Rig.Start));
        Assert.Equal(SessionFault.Repeated, _keyring.Accept(first, Rig.Start));
        Assert.Equal(SessionFault.Repeated, _keyring.Accept(new SealingSession(second) { SessionId = first.SessionId }, Rig.Start));
    }

    [Fact]
    public void A_message_that_is_malformed_is_named_as_such() =>
        Assert.Equal(UnwrapFault.Malformed, _keyring.TryUnwrap(new Attempt(), Rig.Start, out _));

    [Fact]
    public void A_disposed_keyring_opens_nothing()
    {
        var sender = Connect(Rig.Start);
        _keyring.Dispose();
        AssertOpens(UnwrapFault.UnknownSession, sender, Rig.Start);
    }

    public void Dispose()
    {
        _keyring.Dispose();
        _certificateKey.Dispose();
    }

    private static SealingSession WithId(SealingSession announcement, int id) =>
        new(announcement) { SessionId = ByteString.CopyFrom(BitConverter.GetBytes((long)id)) };

    private SealingSessionSender Connect(DateTimeOffset now)
    {
        var sender = Open(_keyring.Offer(_certificateKey, now), now);
        Assert.Equal(SessionFault.None, _keyring.Accept(sender.Announcement, now));
        return sender;
    }

    private SealingSessionSender Open(SealingKey offer, DateTimeOffset now)
    {
        Assert.Equal(OfferFault.None, SealingSessionSender.TryOpen(offer, _agent, _certificateKey, now, out var sender));
        return sender!;
    }

    private void AssertOpens(UnwrapFault expected, SealingSessionSender sender, DateTimeOffset now)
    {
        using var attempt = Rig.Seal(Rig.Header(now));
        var message = attempt.For([sender], now, TimeSpan.FromSeconds(8))!;
        Assert.Equal(expected, _keyring.TryUnwrap(message, now, out var opened));
        opened?.Dispose();
    }
}
