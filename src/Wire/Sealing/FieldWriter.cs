using System.Buffers.Binary;
using System.Text;

namespace Passthrough.Wire.Sealing;

/// <summary>Writes the fields of a layout one after another, big-endian, into a buffer that is large enough by design: a
/// buffer that is not is a fault of the caller and throws.</summary>
internal ref struct FieldWriter(Span<byte> buffer)
{
    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Span<byte> _buffer = buffer;
    private int _length;

    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    public void Byte(byte value) => Take(1)[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(sizeof(uint)), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(sizeof(ulong)), value);

    public void Id(Guid value) => value.TryWriteBytes(Take(16), bigEndian: true, out _);

    public void Fixed(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>One byte of length, then the bytes.</summary>
    public void Short(ReadOnlySpan<byte> value)
    {
        Byte(checked((byte)value.Length));
        Fixed(value);
    }

    /// <summary>One byte of length, then UTF-8.</summary>
    public void Short(string value)
    {
        Byte(checked((byte)StrictUtf8.GetByteCount(value)));
        Text(value);
    }

    /// <summary>Two bytes of length, then the bytes.</summary>
    public void Long(ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        Fixed(value);
    }

    /// <summary>Two bytes of length, then UTF-8.</summary>
    public void Long(string value)
    {
        UInt16(checked((ushort)StrictUtf8.GetByteCount(value)));
        Text(value);
    }

    private void Text(string value) => _length += StrictUtf8.GetBytes(value, _buffer[_length..]);

    private Span<byte> Take(int count)
    {
        var field = _buffer.Slice(_length, count);
        _length += count;
        return field;
    }
}
