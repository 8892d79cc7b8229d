using System.Formats.Asn1;
using System.Text;

namespace Passthrough.Directories.Ldap;

/// <summary>Reads BER element by element, with the restrictions of LDAP (RFC 4511 5.1): lengths are definite, strings are
/// primitive. Never throws, never allocates: whatever is wrong is a false.</summary>
internal ref struct BerCursor(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The next element whatever its tag.</summary>
    public bool TryRead(out Asn1Tag tag, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!Asn1Tag.TryDecode(_rest, out tag, out var tagLength)
            || !AsnDecoder.TryDecodeLength(_rest[tagLength..], AsnEncodingRules.BER, out var length, out var lengthLength)
            || length is not { } definite
            || definite > _rest.Length - tagLength - lengthLength)
        {
            return false;
        }

        content = _rest.Slice(tagLength + lengthLength, definite);
        _rest = _rest[(tagLength + lengthLength + definite)..];
        return true;
    }

    /// <summary>The next element if it has this tag, primitive or constructed included.</summary>
    public bool TryRead(Asn1Tag expected, out ReadOnlySpan<byte> content)
    {
        var before = _rest;
        if (TryRead(out var tag, out content) && tag == expected)
        {
            return true;
        }

        _rest = before;
        content = default;
        return false;
    }

    public bool TryReadOctets(out ReadOnlySpan<byte> content) => TryRead(Asn1Tag.PrimitiveOctetString, out content);

    public bool TryReadInteger(out int value) => TryReadNumber(Asn1Tag.Integer, out value);

    public bool TryReadEnumerated(out int value) => TryReadNumber(Asn1Tag.Enumerated, out value);

    /// <summary>UTF-8 for people: what is not valid is shown as the replacement character.</summary>
    public bool TryReadText(int maxBytes, out string text)
    {
        var read = TryReadOctets(out var octets);
        text = read ? Encoding.UTF8.GetString(octets.Length > maxBytes ? octets[..maxBytes] : octets) : "";
        return read;
    }

    private bool TryReadNumber(Asn1Tag tag, out int value)
    {
        value = 0;
        // Two's complement, big-endian; every number of LDAP fits 32 bits (RFC 4511 4.1.1).
        if (!TryRead(tag, out var content) || content.Length is 0 or > 4)
        {
            return false;
        }

        value = (sbyte)content[0];
        foreach (var octet in content[1..])
        {
            value = (value << 8) | octet;
        }

        return true;
    }
}
