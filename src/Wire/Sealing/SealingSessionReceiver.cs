using System.Buffers.Binary;
using Google.Protobuf;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Sealing;

/// <summary>The agent's side of one sealing session: opens wraps, each once. May be used by many threads.</summary>
public sealed class SealingSessionReceiver : IDisposable
{
    private readonly ReplayMemory _seen = new();
    private readonly AgentIdentity _agent;
    private readonly CounterCipher _cipher;
    private readonly DateTimeOffset _acceptedAt;
    private readonly long _openedAtUnixMs;

    internal SealingSessionReceiver(AgentIdentity agent, SealingSession session, CounterCipher cipher, DateTimeOffset acceptedAt)
    {
        (_agent, _cipher, _acceptedAt) = (agent, cipher, acceptedAt);
        (Id, _openedAtUnixMs) = (ReadId(session.SessionId), session.OpenedAtUnixMs);
    }

    /// <summary>The session's id, as wraps name it.</summary>
    public ulong Id { get; }

    /// <summary>Its time is over: nothing more is opened under it, and it should be disposed of.</summary>
    public bool HasEnded(DateTimeOffset now) => now - _acceptedAt >= SealingLimits.ReceiverLifetime;

    /// <summary>Authenticates the header and takes the content key out of this session's wrap. The password stays sealed.
    /// Any message may be given: it never throws.</summary>
    /// <param name="now">By the clock that the session was accepted by; only differences count.</param>
    public UnwrapFault TryUnwrap(Attempt attempt, DateTimeOffset now, out OpenedAttempt? opened)
    {
        opened = null;
        if (!IsWellFormed(attempt))
        {
            return UnwrapFault.Malformed;
        }

        if (HasEnded(now))
        {
            return UnwrapFault.SessionEnded;
        }

        return attempt.Wraps.FirstOrDefault(wrap => ReadId(wrap.SessionId) == Id) is { } own
            ? TryUnwrap(attempt, own, now, out opened)
            : UnwrapFault.UnknownSession;
    }

    public void Dispose() => _cipher.Dispose();

    public override string ToString() => $"sealing session {Id:x16}";

    internal static bool IsWellFormed(SealingSession session) =>
        session.SessionId.Length == SealingLayouts.SessionIdSize
        && session.KeyId.Length == SealingLayouts.KeyIdSize
        && session.Enc.Length == DhKem.PointSize
        && session.OpenedAtUnixMs >= 0
        && session.OpenedAtUnixMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    internal static bool IsWellFormed(Attempt attempt) =>
        attempt.Header.Length is > 0 and <= SealingLimits.MaxHeaderBytes
        && PasswordSeal.HasValidSize(attempt.SealedPassword.Length)
        && attempt.Wraps.Count is > 0 and <= SealingLimits.MaxWraps
        && attempt.Wraps.All(wrap => wrap.SessionId.Length == SealingLayouts.SessionIdSize
            && wrap.WrappedKey.Length == SealingLayouts.WrappedKeySize
            && wrap.Counter < SealingLimits.MaxSessionMessages);

    /// <param name="sessionId">8 bytes.</param>
    internal static ulong ReadId(ByteString sessionId) => BinaryPrimitives.ReadUInt64BigEndian(sessionId.Span);

    private UnwrapFault TryUnwrap(Attempt attempt, Wrap wrap, DateTimeOffset now, out OpenedAttempt? opened)
    {
        opened = null;
        var contentKey = new PinnedSecret(SealingLayouts.ContentKeySize);
        var fault = Authenticate(attempt, wrap, now, contentKey, out var header, out var expires);
        if (fault == UnwrapFault.None)
        {
            opened = new OpenedAttempt(_agent.AgentId, header!, attempt, contentKey, expires);
        }
        else
        {
            contentKey.Dispose();
        }

        return fault;
    }

    private UnwrapFault Authenticate(
        Attempt attempt, Wrap wrap, DateTimeOffset now, PinnedSecret contentKey, out AttemptHeader? header, out DateTimeOffset expires)
    {
        header = null;
        expires = default;
        if (_seen.Contains(wrap.Counter))
        {
            return UnwrapFault.Replayed;
        }

        if (!_cipher.TryOpen(wrap.Counter, wrap.WrappedKey.Span, attempt.Header.Span, contentKey.Bytes))
        {
            return UnwrapFault.Forged;
        }

        // From here the header is the gateway's. It is read after it is authenticated, and its counter is used up.
        var fault = AttemptHeader.Decode(attempt.Header.Span, out header);
        if (!_seen.TryAdd(wrap.Counter, header))
        {
            return UnwrapFault.Replayed;
        }

        if (fault != UnwrapFault.None)
        {
            return fault;
        }

        expires = ExpiryOf(header!, attempt.RemainingMs, now);
        return header!.Tenant != _agent.Tenant ? UnwrapFault.WrongTenant
            : expires <= now ? UnwrapFault.Expired
            : UnwrapFault.None;
    }

    /// <summary>By this agent's clock: the session's opening, as it was announced, ties the two clocks together. What
    /// remained when it was sent may shorten that, never lengthen.</summary>
    private DateTimeOffset ExpiryOf(AttemptHeader header, uint remainingMs, DateTimeOffset now)
    {
        var sinceOpening = header.IssuedAtUnixMs - _openedAtUnixMs;
        var earliest = -SealingLimits.MaxTimeToLive.TotalMilliseconds;
        var latest = SealingLimits.SenderLifetime.TotalMilliseconds;
        if (sinceOpening < earliest || sinceOpening > latest)
        {
            return DateTimeOffset.MinValue;
        }

        var byHeader = _acceptedAt.AddMilliseconds(sinceOpening + header.TimeToLiveMs);
        var byRemaining = now.AddMilliseconds(remainingMs);
        return byHeader < byRemaining ? byHeader : byRemaining;
    }
}
