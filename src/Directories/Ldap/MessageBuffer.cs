namespace Passthrough.Directories.Ldap;

/// <summary>Cuts what comes from a stream into messages. Holds at most <see cref="LdapLimits.MaxMessageBytes"/>, and no more
/// than twice what has really come.</summary>
internal sealed class MessageBuffer
{
    private const int UsualSize = 4_096;

    private byte[] _bytes = new byte[UsualSize];
    private int _start;
    private int _end;

    /// <summary>Bytes of memory that are held.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Room for the next read; never empty after <see cref="TryTake"/> said Incomplete.</summary>
    public Memory<byte> Room()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
            if (_bytes.Length > UsualSize)
            {
                _bytes = new byte[UsualSize];
            }
        }
        else if (_end == _bytes.Length)
        {
            // Full: the message that has begun moves to the front, into twice the room if it fills more than half.
            var held = _end - _start;
            var target = held > _bytes.Length / 2
                ? new byte[Math.Min(_bytes.Length * 2, LdapLimits.MaxMessageBytes)]
                : _bytes;
            _bytes.AsSpan(_start, held).CopyTo(target);
            (_bytes, _start, _end) = (target, 0, held);
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>Says that a read put so many bytes into the room.</summary>
    public void Add(int count) => _end += count;

    /// <summary>The next whole message, valid until the next call of <see cref="Room"/>.</summary>
    public Framing TryTake(out ReadOnlySpan<byte> message)
    {
        var held = _bytes.AsSpan(_start, _end - _start);
        var framing = LdapMessage.Measure(held, out var length);
        message = framing == Framing.Complete ? held[..length] : default;
        _start += message.Length;
        return framing;
    }
}
