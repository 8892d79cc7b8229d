using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Passthrough.Wire.Sealing.Hpke;

/// <summary>The AEADs of RFC 9180 section 7.3 that this code knows. Sessions use <see cref="Aes256Gcm"/>; the other is the
/// one that the RFC's vectors for P-256 are made with.</summary>
internal enum HpkeAead : ushort
{
    Aes128Gcm = 1,
    Aes256Gcm = 2,
}

/// <summary>HPKE in base mode (RFC 9180): what both sides hold after one encapsulation.</summary>
internal sealed class HpkeContext : IDisposable
{
    private const byte BaseMode = 0;
    private const int ScheduleContextSize = 1 + (2 * LabeledKdf.HashSize);

    private readonly HpkeAead _aead;
    private readonly byte[] _scheduleContext = new byte[ScheduleContextSize];
    private readonly PinnedSecret _secret = new(LabeledKdf.HashSize);
    private readonly PinnedSecret _exporter = new(LabeledKdf.HashSize);

    /// <summary>KeySchedule (RFC 9180 5.1).</summary>
    internal HpkeContext(HpkeAead aead, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> info)
    {
        _aead = aead;
        var kdf = new LabeledKdf(SuiteId(stackalloc byte[10]));
        _scheduleContext[0] = BaseMode;
        kdf.Extract([], "psk_id_hash"u8, [], _scheduleContext.AsSpan(1, LabeledKdf.HashSize));
        kdf.Extract([], "info_hash"u8, info, _scheduleContext.AsSpan(1 + LabeledKdf.HashSize));
        kdf.Extract(sharedSecret, "secret"u8, [], _secret.Bytes);
        kdf.Expand(_secret.Bytes, "exp"u8, _scheduleContext, _exporter.Bytes);
    }

    /// <summary>SetupBaseS (RFC 9180 5.1.1).</summary>
    public static HpkeContext SetupSender(
        HpkeAead aead, ECDiffieHellman ephemeral, ECDiffieHellman receiver, ReadOnlySpan<byte> receiverPoint,
        ReadOnlySpan<byte> info, out byte[] encapsulated)
    {
        Span<byte> sharedSecret = stackalloc byte[DhKem.SharedSecretSize];
        try
        {
            DhKem.Encapsulate(ephemeral, receiver, receiverPoint, out encapsulated, sharedSecret);
            return new HpkeContext(aead, sharedSecret, info);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sharedSecret);
        }
    }

    /// <summary>SetupBaseR (RFC 9180 5.1.1); null if <paramref name="encapsulated"/> is no point of the curve.</summary>
    public static HpkeContext? SetupReceiver(
        HpkeAead aead, ECDiffieHellman receiver, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> info)
    {
        Span<byte> sharedSecret = stackalloc byte[DhKem.SharedSecretSize];
        try
        {
            return DhKem.TryDecapsulate(receiver, encapsulated, sharedSecret) ? new HpkeContext(aead, sharedSecret, info) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sharedSecret);
        }
    }

    /// <summary>Secret export (RFC 9180 5.3): <paramref name="output"/> is filled whole.</summary>
    public void Export(ReadOnlySpan<byte> exporterContext, Span<byte> output) =>
        new LabeledKdf(SuiteId(stackalloc byte[10])).Expand(_exporter.Bytes, "sec"u8, exporterContext, output);

    /// <summary>The context's own encryption (RFC 9180 5.2), its counter left to the caller. Sessions do not use it: their
    /// wraps may arrive out of order, so they use exported keys with an explicit counter. Vectors and foreign
    /// implementations speak it.</summary>
    internal CounterCipher CreateCipher()
    {
        var kdf = new LabeledKdf(SuiteId(stackalloc byte[10]));
        Span<byte> key = stackalloc byte[_aead == HpkeAead.Aes128Gcm ? 16 : 32];
        Span<byte> baseNonce = stackalloc byte[CounterCipher.NonceSize];
        kdf.Expand(_secret.Bytes, "key"u8, _scheduleContext, key);
        kdf.Expand(_secret.Bytes, "base_nonce"u8, _scheduleContext, baseNonce);
        try
        {
            return new CounterCipher(key, baseNonce);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(baseNonce);
        }
    }

    public void Dispose()
    {
        _secret.Dispose();
        _exporter.Dispose();
    }

    /// <summary>"HPKE", KEM id, KDF id (HKDF-SHA256, 0x0001), AEAD id.</summary>
    private Span<byte> SuiteId(Span<byte> buffer)
    {
        "HPKE\x00\x10\x00\x01"u8.CopyTo(buffer);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[8..], (ushort)_aead);
        return buffer;
    }
}
