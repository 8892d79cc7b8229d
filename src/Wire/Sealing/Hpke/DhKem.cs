using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Passthrough.Wire.Sealing.Hpke;

/// <summary>DHKEM(P-256, HKDF-SHA256), KEM id 0x0010 (RFC 9180 section 4.1).</summary>
internal static class DhKem
{
    /// <summary>Npk and Nenc: an uncompressed point (RFC 9180 7.1.1).</summary>
    public const int PointSize = 65;

    public const int SharedSecretSize = 32;
    private const int CoordinateSize = 32;
    private const byte Uncompressed = 4;

    private static ReadOnlySpan<byte> SuiteId => "KEM\x00\x10"u8;

    public static ECDiffieHellman GenerateKey() => ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    public static byte[] WritePoint(ECDiffieHellman key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return [Uncompressed, .. q.X!, .. q.Y!];
    }

    /// <summary>False unless it is an uncompressed point on the curve (RFC 9180 7.1.4); infinity has no such form.</summary>
    public static bool TryReadPoint(ReadOnlySpan<byte> point, [NotNullWhen(true)] out ECDiffieHellman? key)
    {
        key = null;
        if (point.Length != PointSize || point[0] != Uncompressed)
        {
            return false;
        }

        var q = new ECPoint { X = point[1..(1 + CoordinateSize)].ToArray(), Y = point[(1 + CoordinateSize)..].ToArray() };
        try
        {
            // The import fails for coordinates that are out of range or off the curve.
            key = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = q });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The sender's half. <paramref name="ephemeral"/> must be fresh and used once.</summary>
    /// <param name="receiverPoint">The receiver's public key as it was offered; <paramref name="receiver"/> is the same key.</param>
    /// <param name="encapsulated">Receives <c>enc</c>.</param>
    public static void Encapsulate(
        ECDiffieHellman ephemeral, ECDiffieHellman receiver, ReadOnlySpan<byte> receiverPoint,
        out byte[] encapsulated, Span<byte> sharedSecret)
    {
        encapsulated = WritePoint(ephemeral);
        Derive(ephemeral, receiver, encapsulated, receiverPoint, sharedSecret);
    }

    /// <summary>The receiver's half; false if <paramref name="encapsulated"/> is no point of the curve.</summary>
    public static bool TryDecapsulate(
        ECDiffieHellman receiver, ReadOnlySpan<byte> encapsulated, Span<byte> sharedSecret)
    {
        if (!TryReadPoint(encapsulated, out var sender))
        {
            return false;
        }

        using (sender)
        {
            Derive(receiver, sender, encapsulated, WritePoint(receiver), sharedSecret);
            return true;
        }
    }

    private static void Derive(
        ECDiffieHellman own, ECDiffieHellman other, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> receiverPoint,
        Span<byte> sharedSecret)
    {
        var kdf = new LabeledKdf(SuiteId);
        Span<byte> context = stackalloc byte[2 * PointSize];
        encapsulated.CopyTo(context);
        receiverPoint.CopyTo(context[PointSize..]);
        Span<byte> extracted = stackalloc byte[LabeledKdf.HashSize];
        using var otherPublic = other.PublicKey;

        // The framework allocates this array unpinned: it is zeroed, but a collection within these lines may have copied it.
        var agreed = own.DeriveRawSecretAgreement(otherPublic);
        try
        {
            kdf.Extract([], "eae_prk"u8, agreed, extracted);
            kdf.Expand(extracted, "shared_secret"u8, context, sharedSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(agreed);
            CryptographicOperations.ZeroMemory(extracted);
        }
    }
}
