using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Passthrough.Wire.Sealing.Hpke;

/// <summary>AES-GCM under one key, its nonce made of a base and a counter (RFC 9180 5.2, ComputeNonce). Who seals must
/// never give one counter twice; that is <see cref="SealingSessionSender"/>'s work.</summary>
internal sealed class CounterCipher : IDisposable
{
    public const int TagSize = 16;
    public const int NonceSize = 12;

    private readonly Lock _gate = new();
    private readonly AesGcm _aes;
    private readonly PinnedSecret _baseNonce = new(NonceSize);

    public CounterCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> baseNonce)
    {
        _aes = new AesGcm(key, TagSize);
        baseNonce.CopyTo(_baseNonce.Bytes);
    }

    /// <param name="sealedText">Receives ciphertext and tag: <see cref="TagSize"/> longer than the plaintext.</param>
    public void Seal(ulong counter, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> sealedText)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        lock (_gate)
        {
            // The native context under AesGcm serves one call at a time.
            WriteNonce(counter, nonce);
            _aes.Encrypt(nonce, plaintext, sealedText[..plaintext.Length], sealedText[plaintext.Length..], associatedData);
        }
    }

    /// <summary>False if it was not sealed so, or the cipher is disposed of; <paramref name="plaintext"/> is then zero.</summary>
    public bool TryOpen(ulong counter, ReadOnlySpan<byte> sealedText, ReadOnlySpan<byte> associatedData, Span<byte> plaintext)
    {
        if (sealedText.Length != plaintext.Length + TagSize)
        {
            return false;
        }

        Span<byte> nonce = stackalloc byte[NonceSize];
        try
        {
            lock (_gate)
            {
                WriteNonce(counter, nonce);
                _aes.Decrypt(nonce, sealedText[..plaintext.Length], sealedText[plaintext.Length..], plaintext, associatedData);
            }

            return true;
        }
        catch (Exception fault) when (fault is AuthenticationTagMismatchException or ObjectDisposedException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _aes.Dispose();
            _baseNonce.Dispose();
        }
    }

    private void WriteNonce(ulong counter, Span<byte> nonce)
    {
        _baseNonce.Bytes.CopyTo(nonce);
        var low = nonce[(NonceSize - sizeof(ulong))..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ counter);
    }
}
