using System.Security.Cryptography;
using Google.Protobuf;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Sealing;

/// <summary>The gateway's side of one attempt: the password under a fresh content key, and that key until the answer is in.
/// One per try: another try has another number in its header, so it is sealed anew.</summary>
public sealed class SealedAttempt : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PinnedSecret _contentKey;
    private readonly byte[] _header;
    private readonly ByteString _sealedPassword;
    private bool _over;

    private SealedAttempt(AttemptHeader header, ReadOnlySpan<byte> password, PinnedSecret contentKey)
    {
        Header = header;
        _header = header.Encode();
        _contentKey = contentKey;
        _sealedPassword = UnsafeByteOperations.UnsafeWrap(PasswordSeal.Seal(password, contentKey.Bytes, _header));
    }

    public AttemptHeader Header { get; }

    /// <param name="password">1 to 768 bytes of UTF-8; not kept.</param>
    /// <exception cref="InvalidOperationException">A field of the header is outside its limits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The password is empty or too long.</exception>
    public static SealedAttempt Seal(AttemptHeader header, ReadOnlySpan<byte> password) =>
        SealWithKnownKey(header, password, PinnedSecret.Random(SealingLayouts.ContentKeySize));

    /// <summary>The message for one agent.</summary>
    /// <param name="sessions">Sessions of the agents that may open it, the receiver's first. At most 256.</param>
    /// <param name="now">By the same clock as the session's opening.</param>
    /// <param name="remaining">Time left until the gateway's deadline.</param>
    /// <returns>Null if the first session, or this attempt, is at its end. A peer's session that is at its end is left
    /// out.</returns>
    /// <exception cref="InvalidOperationException">A session is another tenant's.</exception>
    public Attempt? For(IReadOnlyList<SealingSessionSender> sessions, DateTimeOffset now, TimeSpan remaining)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sessions.Count, SealingLimits.MaxWraps);
        var attempt = new Attempt
        {
            Header = UnsafeByteOperations.UnsafeWrap(_header),
            SealedPassword = _sealedPassword,
            RemainingMs = (uint)Math.Clamp(remaining.TotalMilliseconds, 0, Header.TimeToLiveMs),
        };
        for (var i = 0; i < sessions.Count; i++)
        {
            if (WrapFor(sessions[i], now) is { } wrap)
            {
                attempt.Wraps.Add(wrap);
            }
            else if (i == 0)
            {
                return null;
            }
        }

        return attempt.Wraps.Count > 0 ? attempt : null;
    }

    /// <summary>The content key for one agent: about 2 µs. Null if the session, or this attempt, is at its end.</summary>
    /// <param name="now">By the same clock as the session's opening.</param>
    /// <exception cref="InvalidOperationException">The session is another tenant's.</exception>
    public Wrap? WrapFor(SealingSessionSender session, DateTimeOffset now)
    {
        if (session.Agent.Tenant != Header.Tenant)
        {
            throw new InvalidOperationException($"Attempt {Header} must not be sealed to an agent of another tenant.");
        }

        lock (_gate)
        {
            return _over ? null : session.Wrap(_contentKey.Bytes, _header, now);
        }
    }

    /// <summary>Whether the agent with this id opened this attempt and gave this answer. Compares in constant time. All agents
    /// that it was wrapped for share its key: it tells them from others, and not from each other.</summary>
    /// <param name="agentId">Of the agent that the attempt was sent to, as its certificate says; or of a peer that it was
    /// wrapped for and that may have taken it over.</param>
    /// <param name="detail">The detail, if there is no fault.</param>
    public AnswerFault Verify(Answer answer, string agentId, out AnswerDetail? detail)
    {
        detail = null;
        if (answer.Mac.Length != SealingLayouts.MacSize || answer.Detail.Length > SealingLimits.MaxDetailBytes)
        {
            return AnswerFault.Malformed;
        }

        Span<byte> attemptId = stackalloc byte[16];
        Header.AttemptId.TryWriteBytes(attemptId, bigEndian: true, out _);
        if (!answer.AttemptId.Span.SequenceEqual(attemptId) || answer.AttemptNumber != Header.AttemptNumber)
        {
            return AnswerFault.OtherAttempt;
        }

        Span<byte> mac = stackalloc byte[SealingLayouts.MacSize];
        lock (_gate)
        {
            if (_over)
            {
                return AnswerFault.AttemptOver;
            }

            SealingLayouts.AnswerMac(_contentKey.Bytes, Header, agentId, answer.Verdict, answer.Detail.Span, mac);
        }

        return !CryptographicOperations.FixedTimeEquals(mac, answer.Mac.Span) ? AnswerFault.Forged : Read(answer, out detail);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _over = true;
            _contentKey.Dispose();
        }
    }

    public override string ToString() => $"sealed attempt {Header}";

    /// <summary>As <see cref="Seal(AttemptHeader, ReadOnlySpan{byte})"/>, for vectors only: a content key that is known, or
    /// used twice, protects nothing.</summary>
    internal static SealedAttempt SealWithKnownKey(AttemptHeader header, ReadOnlySpan<byte> password, PinnedSecret contentKey) =>
        new(header, password, contentKey);

    private static AnswerFault Read(Answer answer, out AnswerDetail? detail)
    {
        try
        {
            detail = AnswerDetail.Parser.ParseFrom(answer.Detail);
            if (detail.Lock is null or { FamiliarSources.Count: <= SealingLimits.MaxFamiliarSources })
            {
                return AnswerFault.None;
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Told below.
        }

        detail = null;
        return AnswerFault.Malformed;
    }
}
