using System.Buffers.Binary;
using System.Security.Cryptography;
using Passthrough.Wire.Sealing.Hpke;

namespace Passthrough.Wire.Sealing;

/// <summary>A password on its way: two bytes of length, the bytes, zeros up to one of three sizes, so that its length is told
/// in three classes only; then AES-256-GCM under the attempt's content key, with the header as associated data.</summary>
internal static class PasswordSeal
{
    private const int PrefixSize = 2;
    private const int LargestSize = 1024;

    /// <summary>The sizes before sealing, in bytes.</summary>
    public static ReadOnlySpan<int> Sizes => [128, 256, LargestSize];

    // A content key seals one password and nothing else, so its nonce may be a constant.
    private static ReadOnlySpan<byte> Nonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <param name="password">1 to 768 bytes.</param>
    public static byte[] Seal(ReadOnlySpan<byte> password, ReadOnlySpan<byte> contentKey, ReadOnlySpan<byte> header)
    {
        ArgumentOutOfRangeException.ThrowIfZero(password.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(password.Length, SealingLimits.MaxPasswordBytes);

        // The stack is not moved by the garbage collector: this is the only copy.
        Span<byte> padded = stackalloc byte[LargestSize];
        padded = padded[..SizeFor(password.Length)];
        try
        {
            BinaryPrimitives.WriteUInt16BigEndian(padded, (ushort)password.Length);
            password.CopyTo(padded[PrefixSize..]);
            var sealedText = new byte[padded.Length + CounterCipher.TagSize];
            using var aes = new AesGcm(contentKey, CounterCipher.TagSize);
            aes.Encrypt(Nonce, padded, sealedText.AsSpan(0, padded.Length), sealedText.AsSpan(padded.Length), header);
            return sealedText;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    public static bool HasValidSize(int sealedLength) => Sizes.Contains(sealedLength - CounterCipher.TagSize);

    /// <summary>Gives the password to <paramref name="use"/>; its bytes are zeroed when that returns. False, and no call,
    /// unless it is exactly as <see cref="Seal"/> makes it.</summary>
    public static bool TryOpen<TResult>(
        ReadOnlySpan<byte> sealedText, ReadOnlySpan<byte> contentKey, ReadOnlySpan<byte> header,
        Func<ReadOnlySpan<byte>, TResult> use, out TResult? result)
    {
        result = default;
        if (!HasValidSize(sealedText.Length))
        {
            return false;
        }

        Span<byte> padded = stackalloc byte[LargestSize];
        padded = padded[..(sealedText.Length - CounterCipher.TagSize)];
        try
        {
            using var aes = new AesGcm(contentKey, CounterCipher.TagSize);
            aes.Decrypt(Nonce, sealedText[..padded.Length], sealedText[padded.Length..], padded, header);
            var length = BinaryPrimitives.ReadUInt16BigEndian(padded);
            if (!IsPadded(padded, length))
            {
                return false;
            }

            result = use(padded.Slice(PrefixSize, length));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    private static bool IsPadded(ReadOnlySpan<byte> padded, int length) =>
        length is > 0 and <= SealingLimits.MaxPasswordBytes
        && SizeFor(length) == padded.Length
        && !padded[(PrefixSize + length)..].ContainsAnyExcept((byte)0);

    private static int SizeFor(int length)
    {
        foreach (var size in Sizes)
        {
            if (length + PrefixSize <= size)
            {
                return size;
            }
        }

        return LargestSize;
    }
}
