using System.Text;

namespace Passthrough.Directories.Ldap;

/// <summary>A simple bind (RFC 4511 4.2), written by hand into the caller's pinned buffer: the general writer keeps copies
/// in memory that the garbage collector moves, and a password must leave none.</summary>
internal static class BindRequest
{
    private const byte Sequence = 0x30, Integer = 0x02, OctetString = 0x04, BindRequestTag = 0x60, SimpleTag = 0x80;
    private const byte ProtocolVersion = 3;

    /// <summary>Bytes that are enough for any bind within the limits: name, password, and 30 of headers.</summary>
    public const int MaxBytes = LdapLimits.MaxNameBytes + Decisions.Attempts.TypedPassword.MaxBytes + 30;

    /// <summary>Writes the message and says how long it is.</summary>
    /// <exception cref="ArgumentException">What must never be sent: an empty name or password (an anonymous or
    /// unauthenticated bind succeeds without proof, RFC 4513 5.1.1 and 5.1.2), a password with a NUL (servers cut it
    /// there), or more than the limits allow. The types of the callers prevent all of it; this is the last door.</exception>
    public static int Write(int messageId, string name, ReadOnlySpan<byte> password, Span<byte> buffer)
    {
        var nameLength = Encoding.UTF8.GetByteCount(name);
        if (nameLength is 0 or > LdapLimits.MaxNameBytes)
        {
            throw new ArgumentException("a bind needs a name within the limits", nameof(name));
        }

        if (password.IsEmpty || password.Contains((byte)0) || password.Length > Decisions.Attempts.TypedPassword.MaxBytes)
        {
            throw new ArgumentException("a bind needs a password without NUL within the limits", nameof(password));
        }

        var idLength = IntegerLength(messageId);
        var bind = 3 + ElementLength(nameLength) + ElementLength(password.Length);
        var message = 2 + idLength + ElementLength(bind);
        var at = Header(buffer, 0, Sequence, message);
        at = Header(buffer, at, Integer, idLength);
        for (var shift = (idLength - 1) * 8; shift >= 0; shift -= 8)
        {
            buffer[at++] = (byte)(messageId >> shift);
        }

        at = Header(buffer, at, BindRequestTag, bind);
        at = Header(buffer, at, Integer, 1);
        buffer[at++] = ProtocolVersion;
        at = Header(buffer, at, OctetString, nameLength);
        at += Encoding.UTF8.GetBytes(name, buffer[at..]);
        at = Header(buffer, at, SimpleTag, password.Length);
        password.CopyTo(buffer[at..]);
        return at + password.Length;
    }

    // A positive number needs room for a zero sign bit.
    private static int IntegerLength(int value) => value switch { < 0x80 => 1, < 0x8000 => 2, < 0x80_0000 => 3, _ => 4 };

    private static int ElementLength(int content) => 1 + LengthLength(content) + content;

    private static int LengthLength(int content) => content switch { < 0x80 => 1, < 0x100 => 2, _ => 3 };

    private static int Header(Span<byte> buffer, int at, byte tag, int content)
    {
        buffer[at++] = tag;
        var octets = LengthLength(content) - 1;
        if (octets == 0)
        {
            buffer[at++] = (byte)content;
            return at;
        }

        buffer[at++] = (byte)(0x80 | octets);
        for (var shift = (octets - 1) * 8; shift >= 0; shift -= 8)
        {
            buffer[at++] = (byte)(content >> shift);
        }

        return at;
    }
}
