using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Decisions.Audit;

/// <summary>A place in the log: a record's number and the hash of everything up to it. Kept elsewhere, it shows later that the log
/// up to there is still the same.</summary>
/// <param name="Number">From 1; 0: nothing is written yet.</param>
/// <param name="Hash">As <see cref="AuditLine"/> writes it.</param>
public sealed record AuditHead(long Number, string Hash)
{
    /// <summary>Before the first record.</summary>
    public static readonly AuditHead None = new(0, new string('A', AuditLine.HashLength));

    /// <summary><c>NUMBER:HASH</c>, the form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}:{Hash}");

    /// <summary>Reads the form of <see cref="ToString"/>; null if it is not one.</summary>
    public static AuditHead? TryParse(string text)
    {
        var parts = text.Trim().Split(':');
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && AuditLine.IsHash(parts[1])
            ? new AuditHead(number, parts[1])
            : null;
    }
}

/// <summary>ECDSA P-256 with SHA-256 over a head or over the end of what was deleted. One cannot be taken for the other.</summary>
public static class AuditSignature
{
    private const int KeyNameBytes = 8;
    private const string HeadStatement = "passthrough audit head 1", RetiredStatement = "passthrough audit retired 1";

    /// <summary>The first 8 bytes of SHA-256 of the public key (SPKI), in hex.</summary>
    public static string NameOf(ECDsa key) =>
        Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, KeyNameBytes));

    public static string SignHead(ECDsa key, AuditHead head) => Sign(key, HeadStatement, head);

    public static string SignRetired(ECDsa key, AuditHead upTo) => Sign(key, RetiredStatement, upTo);

    public static bool IsHead(ECDsa key, AuditHead head, string signature) => Verify(key, HeadStatement, head, signature);

    public static bool IsRetired(ECDsa key, AuditHead upTo, string signature) => Verify(key, RetiredStatement, upTo, signature);

    private static string Sign(ECDsa key, string statement, AuditHead head) =>
        Convert.ToBase64String(key.SignData(Bytes(statement, head), HashAlgorithmName.SHA256));

    private static bool Verify(ECDsa key, string statement, AuditHead head, string signature)
    {
        Span<byte> bytes = stackalloc byte[128];
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && key.VerifyData(Bytes(statement, head), bytes[..length], HashAlgorithmName.SHA256);
    }

    private static byte[] Bytes(string statement, AuditHead head) => Encoding.ASCII.GetBytes($"{statement}\n{head}\n");
}
