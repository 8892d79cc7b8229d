using System.Buffers.Binary;
using System.Text.Unicode;

namespace Passthrough.Wire.Sealing;

/// <summary>Reads the fields of a layout. Never throws: after the first field that is not there, all that follow are empty
/// and <see cref="Failed"/> stays true.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool Failed { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public ushort UInt16() => Take(sizeof(ushort)) is { Length: > 0 } field ? BinaryPrimitives.ReadUInt16BigEndian(field) : (ushort)0;

    public uint UInt32() => Take(sizeof(uint)) is { Length: > 0 } field ? BinaryPrimitives.ReadUInt32BigEndian(field) : 0;

    public ulong UInt64() => Take(sizeof(ulong)) is { Length: > 0 } field ? BinaryPrimitives.ReadUInt64BigEndian(field) : 0;

    public Guid Id() => Take(16) is { Length: > 0 } field ? new Guid(field, bigEndian: true) : default;

    /// <summary>Bytes after one byte of length, which is one of <paramref name="lengths"/>.</summary>
    public ReadOnlySpan<byte> ShortBytes(params ReadOnlySpan<byte> lengths)
    {
        var length = Byte();
        Failed = Failed || !lengths.Contains(length);
        return Take(length);
    }

    /// <summary>UTF-8 after one byte of length; fails unless it is valid and of 1 to <paramref name="maxBytes"/> bytes.</summary>
    public string ShortText(int maxBytes) => Text(Byte(), maxBytes);

    /// <summary>UTF-8 after two bytes of length; fails unless it is valid and of 1 to <paramref name="maxBytes"/> bytes.</summary>
    public string LongText(int maxBytes) => Text(UInt16(), maxBytes);

    private string Text(int length, int maxBytes)
    {
        if (length == 0 || length > maxBytes)
        {
            Failed = true;
        }

        var field = Take(length);
        Failed = Failed || !Utf8.IsValid(field);
        return Failed ? "" : FieldWriter.StrictUtf8.GetString(field);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || count > _rest.Length)
        {
            Failed = true;
            return [];
        }

        var field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }
}
