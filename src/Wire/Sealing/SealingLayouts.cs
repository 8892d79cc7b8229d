using System.Security.Cryptography;
using Passthrough.Wire.Identity;
using Passthrough.Wire.Sealing.Hpke;

namespace Passthrough.Wire.Sealing;

/// <summary>The byte strings that are signed, bound and authenticated, each begun by a label of its own so that none can be
/// taken for another. Drawn in docs/WIRE.md.</summary>
internal static class SealingLayouts
{
    public const int KeyIdSize = 8;
    public const int SessionIdSize = 8;
    public const int ContentKeySize = 32;
    public const int MacSize = 32;
    public const int WrappedKeySize = ContentKeySize + CounterCipher.TagSize;

    public static ReadOnlySpan<byte> KeyOfferLabel => "passthrough/1 sealing key"u8;

    public static ReadOnlySpan<byte> SessionLabel => "passthrough/1 sealing session"u8;

    public static ReadOnlySpan<byte> WrapKeyLabel => "passthrough/1 wrap key"u8;

    public static ReadOnlySpan<byte> WrapNonceLabel => "passthrough/1 wrap nonce"u8;

    public static ReadOnlySpan<byte> AnswerKeyLabel => "passthrough/1 answer key"u8;

    public static ReadOnlySpan<byte> AnswerLabel => "passthrough/1 answer"u8;

    /// <summary>What the agent's certificate key signs when a sealing key is offered.</summary>
    public static byte[] KeyOffer(AgentIdentity agent, ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> publicKey)
    {
        var writer = new FieldWriter(stackalloc byte[512]);
        writer.Short(KeyOfferLabel);
        writer.Short(agent.Tenant);
        writer.Short(agent.AgentId);
        writer.Fixed(keyId);
        writer.Fixed(publicKey);
        return writer.Written.ToArray();
    }

    /// <summary>The <c>info</c> of the HPKE encapsulation that opens a session.</summary>
    public static byte[] SessionInfo(
        AgentIdentity agent, ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> sessionId, long openedAtUnixMs)
    {
        var writer = new FieldWriter(stackalloc byte[512]);
        writer.Short(SessionLabel);
        writer.Short(agent.Tenant);
        writer.Short(agent.AgentId);
        writer.Fixed(keyId);
        writer.Fixed(sessionId);
        writer.UInt64((ulong)openedAtUnixMs);
        return writer.Written.ToArray();
    }

    /// <summary>The cipher of a session's wraps: key and base nonce are exported secrets (RFC 9180 5.3).</summary>
    public static CounterCipher WrapCipher(HpkeContext context)
    {
        Span<byte> key = stackalloc byte[32];
        Span<byte> baseNonce = stackalloc byte[CounterCipher.NonceSize];
        try
        {
            context.Export(WrapKeyLabel, key);
            context.Export(WrapNonceLabel, baseNonce);
            return new CounterCipher(key, baseNonce);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(baseNonce);
        }
    }

    /// <summary>The MAC that binds a verdict to its attempt and to the agent that gave it.</summary>
    /// <param name="mac">Receives <see cref="MacSize"/> bytes.</param>
    public static void AnswerMac(
        ReadOnlySpan<byte> contentKey, AttemptHeader header, string agentId, uint verdict, ReadOnlySpan<byte> detail, Span<byte> mac)
    {
        var writer = new FieldWriter(stackalloc byte[512 + SealingLimits.MaxDetailBytes]);
        writer.Short(AnswerLabel);
        writer.Id(header.AttemptId);
        writer.UInt16(header.AttemptNumber);
        writer.Short(agentId);
        writer.UInt32(verdict);
        writer.Long(detail);
        Span<byte> key = stackalloc byte[MacSize];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, contentKey, key, salt: [], info: AnswerKeyLabel);
            HMACSHA256.HashData(key, writer.Written, mac);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
