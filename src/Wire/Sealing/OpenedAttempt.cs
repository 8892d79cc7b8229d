using System.Security.Cryptography;
using Google.Protobuf;
using Passthrough.Wire.Sealing.Hpke;
using Passthrough.Wire.V1;

namespace Passthrough.Wire.Sealing;

/// <summary>The agent's side of one attempt: the header, authentic, and the content key, which opens the password and proves
/// the answer. Dispose of it when the answer is written.</summary>
public sealed class OpenedAttempt : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _agentId;
    private readonly ByteString _header;
    private readonly ByteString _sealedPassword;
    private readonly PinnedSecret _contentKey;

    internal OpenedAttempt(string agentId, AttemptHeader header, Attempt attempt, PinnedSecret contentKey, DateTimeOffset expires)
    {
        (_agentId, Header, _contentKey, Expires) = (agentId, header, contentKey, expires);
        (_header, _sealedPassword) = (attempt.Header, attempt.SealedPassword);
    }

    /// <summary>The only place to take the user name from.</summary>
    public AttemptHeader Header { get; }

    /// <summary>The attempt's deadline, by the clock that <c>now</c> was given by.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>Gives the password, in UTF-8, to <paramref name="use"/>; its bytes are zeroed when that returns. False, and
    /// no call, if it was changed on its way or is not as a gateway seals it. May be called again.</summary>
    /// <exception cref="ObjectDisposedException">The attempt was disposed of.</exception>
    public bool TryOpenPassword<TResult>(Func<ReadOnlySpan<byte>, TResult> use, out TResult? result)
    {
        Span<byte> key = stackalloc byte[SealingLayouts.ContentKeySize];
        try
        {
            CopyKey(key);
            return PasswordSeal.TryOpen(_sealedPassword.Span, key, _header.Span, use, out result);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The answer, bound to this attempt and to this agent.</summary>
    /// <param name="verdict">A number of <c>Decisions.Attempts.Verdict</c>.</param>
    /// <param name="detail">At most 2,048 bytes when serialized.</param>
    /// <exception cref="ArgumentException">The detail is too long.</exception>
    /// <exception cref="ObjectDisposedException">The attempt was disposed of.</exception>
    public Answer Answer(uint verdict, AnswerDetail detail)
    {
        var bytes = detail.ToByteArray();
        if (bytes.Length > SealingLimits.MaxDetailBytes)
        {
            throw new ArgumentException($"The detail takes {bytes.Length} bytes.", nameof(detail));
        }

        var mac = new byte[SealingLayouts.MacSize];
        Span<byte> key = stackalloc byte[SealingLayouts.ContentKeySize];
        try
        {
            CopyKey(key);
            SealingLayouts.AnswerMac(key, Header, _agentId, verdict, bytes, mac);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return new Answer
        {
            AttemptId = ByteString.CopyFrom(Header.AttemptId.ToByteArray(bigEndian: true)),
            AttemptNumber = Header.AttemptNumber,
            Verdict = verdict,
            Detail = UnsafeByteOperations.UnsafeWrap(bytes),
            Mac = UnsafeByteOperations.UnsafeWrap(mac),
        };
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _contentKey.Dispose();
        }
    }

    public override string ToString() => $"opened attempt {Header}";

    /// <summary>Under the lock, so that a disposal meanwhile leaves no half-zeroed key in use.</summary>
    private void CopyKey(Span<byte> key)
    {
        lock (_gate)
        {
            _contentKey.Bytes.CopyTo(key);
        }
    }
}
