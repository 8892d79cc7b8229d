using System.Security.Cryptography;
using Google.Protobuf;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Sealing;

/// <summary>The gateway's side of one sealing session: one HPKE encapsulation to one agent's sealing key, and the counter
/// that makes every nonce under it unique. May be used by many threads. When it is no longer fresh, a new one is opened to
/// the same offer, and announced before the first wrap under it is sent.</summary>
public sealed class SealingSessionSender : IDisposable
{
    private readonly SealingSession _announcement;
    private readonly ByteString _sessionId;
    private readonly CounterCipher _cipher;
    private readonly DateTimeOffset _openedAt;
    private ulong _used;

    private SealingSessionSender(AgentIdentity agent, SealingSession announcement, CounterCipher cipher, DateTimeOffset openedAt) =>
        (Agent, _announcement, _sessionId, _cipher, _openedAt) = (agent, announcement, announcement.SessionId, cipher, openedAt);

    /// <summary>Who can open what is wrapped under this session.</summary>
    public AgentIdentity Agent { get; }

    /// <summary>What the agent must be sent before the first attempt with a wrap of this session.</summary>
    public SealingSession Announcement => _announcement.Clone();

    /// <summary>Verifies the offer and opens a session to it: about 0.4 ms of CPU.</summary>
    /// <param name="agent">As the client certificate of the stream says.</param>
    /// <param name="certificateKey">The public key of that certificate; P-256.</param>
    /// <param name="now">By the same clock as the headers' issued-at.</param>
    public static OfferFault TryOpen(
        SealingKey offer, AgentIdentity agent, ECDsa certificateKey, DateTimeOffset now, out SealingSessionSender? session)
    {
        using var ephemeral = DhKem.GenerateKey();
        Span<byte> sessionId = stackalloc byte[SealingLayouts.SessionIdSize];
        RandomNumberGenerator.Fill(sessionId);
        return OpenWithKnownKey(offer, agent, certificateKey, now, ephemeral, sessionId, out session);
    }

    /// <summary>Time and counters are left. A clock that was set back ends the session too.</summary>
    public bool IsFresh(DateTimeOffset now) =>
        now >= _openedAt && now - _openedAt < SealingLimits.SenderLifetime
        && Interlocked.Read(ref _used) < SealingLimits.MaxSessionMessages;

    public void Dispose() => _cipher.Dispose();

    public override string ToString() => $"sealing session to {Agent.AgentId}";

    /// <summary>As <see cref="TryOpen"/>, for vectors only: whoever knows the ephemeral key can read everything.</summary>
    internal static OfferFault OpenWithKnownKey(
        SealingKey offer, AgentIdentity agent, ECDsa certificateKey, DateTimeOffset now,
        ECDiffieHellman ephemeral, ReadOnlySpan<byte> sessionId, out SealingSessionSender? session)
    {
        session = null;
        var point = offer.PublicKey.Span;
        var fault = SealingKeyOffer.Verify(offer, agent, certificateKey);
        if (fault != OfferFault.None)
        {
            return fault;
        }

        if (!DhKem.TryReadPoint(point, out var receiver))
        {
            return OfferFault.BadPoint;
        }

        using (receiver)
        {
            var openedAt = now.ToUnixTimeMilliseconds();
            var info = SealingLayouts.SessionInfo(agent, offer.KeyId.Span, sessionId, openedAt);
            using var context = HpkeContext.SetupSender(HpkeAead.Aes256Gcm, ephemeral, receiver, point, info, out var enc);
            var announcement = new SealingSession
            {
                SessionId = ByteString.CopyFrom(sessionId),
                KeyId = offer.KeyId,
                Enc = UnsafeByteOperations.UnsafeWrap(enc),
                OpenedAtUnixMs = openedAt,
            };
            session = new SealingSessionSender(agent, announcement, SealingLayouts.WrapCipher(context), now);
            return OfferFault.None;
        }
    }

    /// <summary>The content key under the session's key, with the next counter; null if the session is at its end.</summary>
    internal Wrap? Wrap(ReadOnlySpan<byte> contentKey, ReadOnlySpan<byte> header, DateTimeOffset now)
    {
        if (!IsFresh(now))
        {
            return null;
        }

        // Taken once and never given back, so no nonce is ever used twice.
        var counter = Interlocked.Increment(ref _used) - 1;
        if (counter >= SealingLimits.MaxSessionMessages)
        {
            return null;
        }

        var wrappedKey = new byte[SealingLayouts.WrappedKeySize];
        try
        {
            _cipher.Seal(counter, contentKey, header, wrappedKey);
        }
        catch (ObjectDisposedException)
        {
            // The agent's stream ended between the choice of this agent and now.
            return null;
        }

        return new Wrap { SessionId = _sessionId, Counter = counter, WrappedKey = UnsafeByteOperations.UnsafeWrap(wrappedKey) };
    }
}
