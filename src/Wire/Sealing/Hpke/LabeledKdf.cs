using System.Security.Cryptography;

namespace Passthrough.Wire.Sealing.Hpke;

/// <summary>LabeledExtract and LabeledExpand over HKDF-SHA256 (RFC 9180 section 4).</summary>
internal readonly ref struct LabeledKdf(ReadOnlySpan<byte> suiteId)
{
    public const int HashSize = 32;

    // The longest input is an info of 256 bytes with its labels; none comes from the network unbounded.
    private const int MaxInput = 512;

    private readonly ReadOnlySpan<byte> _suiteId = suiteId;

    public void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> keyMaterial, Span<byte> pseudorandomKey)
    {
        Span<byte> input = stackalloc byte[MaxInput];
        try
        {
            var writer = new FieldWriter(input);
            WriteLabels(ref writer, label, keyMaterial);
            HKDF.Extract(HashAlgorithmName.SHA256, writer.Written, salt, pseudorandomKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }

    public void Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        var writer = new FieldWriter(stackalloc byte[MaxInput]);
        writer.UInt16(checked((ushort)output.Length));
        WriteLabels(ref writer, label, info);
        HKDF.Expand(HashAlgorithmName.SHA256, pseudorandomKey, output, writer.Written);
    }

    private void WriteLabels(ref FieldWriter writer, ReadOnlySpan<byte> label, ReadOnlySpan<byte> rest)
    {
        writer.Fixed("HPKE-v1"u8);
        writer.Fixed(_suiteId);
        writer.Fixed(label);
        writer.Fixed(rest);
    }
}
