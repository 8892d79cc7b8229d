namespace Passthrough.Decisions.Attempts;

/// <summary>Names one request to validate one password, across re-dispatch and hand-over. A UUIDv7 (RFC 9562 5.7),
/// so that a log sorted by it is sorted by time. The gateway makes it; nobody else does.</summary>
public readonly record struct AttemptId(Guid Value)
{
    /// <summary>The length of <see cref="ToBytes"/>, in bytes.</summary>
    public const int Size = 16;

    /// <summary>The id as it crosses the wire: 16 bytes, big-endian (RFC 9562 order).</summary>
    public byte[] ToBytes() => Value.ToByteArray(bigEndian: true);

    /// <summary>Reads the wire form; false if it is not 16 bytes of a UUIDv7.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AttemptId id)
    {
        id = bytes.Length == Size ? new AttemptId(new Guid(bytes, bigEndian: true)) : default;
        return bytes.Length == Size && id.Value.Version == 7;
    }

    /// <summary>The 32 hexadecimal digits that an operator searches a log for.</summary>
    public override string ToString() => Value.ToString("n");
}
