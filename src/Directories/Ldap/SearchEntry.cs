using System.Formats.Asn1;
using System.Text;

namespace Passthrough.Directories.Ldap;

/// <summary>SearchResultEntry of RFC 4511 4.5.2: copies, so that it outlives the connection's buffer.</summary>
internal sealed record SearchEntry(string DistinguishedName, IReadOnlyList<SearchAttribute> Attributes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The first value of an attribute, or null. Attribute names have no case (RFC 4512 2.5).</summary>
    public byte[]? First(string attribute)
    {
        foreach (var each in Attributes)
        {
            if (each.Name.Equals(attribute, StringComparison.OrdinalIgnoreCase))
            {
                return each.Values.Count > 0 ? each.Values[0] : null;
            }
        }

        return null;
    }

    /// <summary>The first value as text, or null if there is none or it is not UTF-8.</summary>
    public string? FirstText(string attribute) =>
        First(attribute) is { } value && System.Text.Unicode.Utf8.IsValid(value) ? Strict.GetString(value) : null;

    /// <summary>All values that are UTF-8.</summary>
    public IEnumerable<string> AllText(string attribute) =>
        from each in Attributes
        where each.Name.Equals(attribute, StringComparison.OrdinalIgnoreCase)
        from value in each.Values
        where System.Text.Unicode.Utf8.IsValid(value)
        select Strict.GetString(value);

    /// <summary>Null if it is malformed. A name that is not UTF-8 is: it could not be sent back.</summary>
    public static SearchEntry? Read(ReadOnlySpan<byte> body)
    {
        var cursor = new BerCursor(body);
        if (!cursor.TryReadOctets(out var name) || !System.Text.Unicode.Utf8.IsValid(name)
            || !cursor.TryRead(Asn1Tag.Sequence, out var list) || !cursor.IsAtEnd)
        {
            return null;
        }

        var attributes = new List<SearchAttribute>();
        var rest = new BerCursor(list);
        while (!rest.IsAtEnd)
        {
            if (attributes.Count == LdapLimits.MaxAttributes
                || !rest.TryRead(Asn1Tag.Sequence, out var attribute) || SearchAttribute.Read(attribute) is not { } read)
            {
                return null;
            }

            attributes.Add(read);
        }

        return new SearchEntry(Strict.GetString(name), attributes);
    }
}

/// <summary>One attribute of an entry and its values, in no order.</summary>
internal sealed record SearchAttribute(string Name, IReadOnlyList<byte[]> Values)
{
    public static SearchAttribute? Read(ReadOnlySpan<byte> content)
    {
        var cursor = new BerCursor(content);
        if (!cursor.TryReadOctets(out var name) || !cursor.TryRead(Asn1Tag.SetOf, out var set) || !cursor.IsAtEnd)
        {
            return null;
        }

        var values = new List<byte[]>();
        var rest = new BerCursor(set);
        while (!rest.IsAtEnd)
        {
            if (values.Count == LdapLimits.MaxValues || !rest.TryReadOctets(out var value))
            {
                return null;
            }

            values.Add(value.ToArray());
        }

        return new SearchAttribute(Encoding.UTF8.GetString(name), values);
    }
}

/// <summary>All that a search brought.</summary>
internal sealed record SearchReply(LdapResult Result, IReadOnlyList<SearchEntry> Entries);
