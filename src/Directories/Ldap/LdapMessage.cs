using System.Formats.Asn1;

namespace Passthrough.Directories.Ldap;

/// <summary>Where a message ends in what has come so far.</summary>
internal enum Framing
{
    Incomplete,
    Complete,
    Malformed,
}

/// <summary>The outer shape of what a directory sends: LDAPMessage of RFC 4511 4.1.1. Controls are not looked at: none is
/// asked for.</summary>
/// <param name="id">0 for an unsolicited notification (4.4).</param>
internal readonly ref struct LdapMessage(int id, int operation, ReadOnlySpan<byte> body)
{
    public const int BindResponse = 1;
    public const int SearchResultEntry = 4;
    public const int SearchResultDone = 5;
    public const int ModifyResponse = 7;
    public const int SearchResultReference = 19;
    public const int ExtendedResponse = 24;
    public const int IntermediateResponse = 25;

    /// <summary>The number of messageID.</summary>
    public int Id { get; } = id;

    /// <summary>The [APPLICATION] number of protocolOp; one of the constants above, or one that no client should get.</summary>
    public int Operation { get; } = operation;

    /// <summary>What is inside protocolOp.</summary>
    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>Looks at the header of the next message.</summary>
    /// <param name="length">The whole message in bytes, header included, if Complete.</param>
    public static Framing Measure(ReadOnlySpan<byte> received, out int length)
    {
        length = 0;
        if (received.IsEmpty)
        {
            return Framing.Incomplete;
        }

        const byte sequence = 0x30;
        if (received[0] != sequence)
        {
            return Framing.Malformed;
        }

        // Windows writes every length in 5 bytes; nobody needs more. TryDecodeLength cannot tell a length that is wrong from
        // one that is not whole yet.
        const int longestLength = 5;
        if (!AsnDecoder.TryDecodeLength(received[1..], AsnEncodingRules.BER, out var content, out var lengthLength))
        {
            return received.Length - 1 < longestLength ? Framing.Incomplete : Framing.Malformed;
        }

        if (content is not { } definite || lengthLength > longestLength
            || definite > LdapLimits.MaxMessageBytes - 1 - lengthLength)
        {
            return Framing.Malformed;
        }

        length = 1 + lengthLength + definite;
        return received.Length < length ? Framing.Incomplete : Framing.Complete;
    }

    /// <summary>Reads one whole message as <see cref="Measure"/> found it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out LdapMessage message)
    {
        message = default;
        var outer = new BerCursor(frame);
        if (!outer.TryRead(Asn1Tag.Sequence, out var content) || !outer.IsAtEnd)
        {
            return false;
        }

        var inner = new BerCursor(content);
        if (!inner.TryReadInteger(out var id) || id < 0
            || !inner.TryRead(out var tag, out var body)
            || tag.TagClass != TagClass.Application || !tag.IsConstructed)
        {
            return false;
        }

        message = new LdapMessage(id, tag.TagValue, body);
        return true;
    }
}
