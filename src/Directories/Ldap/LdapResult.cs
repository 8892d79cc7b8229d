using System.Formats.Asn1;

namespace Passthrough.Directories.Ldap;

/// <summary>LDAPResult of RFC 4511 4.1.9.</summary>
/// <param name="Code">resultCode (A.1); 0 is success.</param>
/// <param name="Diagnostic">diagnosticMessage, for people and for its data code; empty if there is none.</param>
internal readonly record struct LdapResult(int Code, string Diagnostic)
{
    public const int Success = 0;
    public const int SizeLimitExceeded = 4;

    public bool IsSuccess => Code == Success;

    /// <summary>Reads the beginning of a response that carries a result, and leaves the cursor behind it.</summary>
    public static bool TryRead(ref BerCursor cursor, out LdapResult result)
    {
        result = default;
        if (!cursor.TryReadEnumerated(out var code)
            || !cursor.TryReadOctets(out _)
            || !cursor.TryReadText(LdapLimits.MaxDiagnosticBytes, out var diagnostic))
        {
            return false;
        }

        // Referral [3]: not followed, a domain controller of our choice was asked.
        _ = cursor.TryRead(new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true), out _);
        result = new LdapResult(code, diagnostic);
        return true;
    }
}

/// <summary>ExtendedResponse of RFC 4511 4.12.</summary>
/// <param name="Name">responseName, an OID; empty if there is none.</param>
internal sealed record ExtendedResult(LdapResult Result, string Name, byte[] Value)
{
    public static ExtendedResult? Read(ReadOnlySpan<byte> body)
    {
        var cursor = new BerCursor(body);
        if (!LdapResult.TryRead(ref cursor, out var result))
        {
            return null;
        }

        cursor.TryRead(new Asn1Tag(TagClass.ContextSpecific, 10), out var name);
        cursor.TryRead(new Asn1Tag(TagClass.ContextSpecific, 11), out var value);
        return cursor.IsAtEnd ? new ExtendedResult(result, System.Text.Encoding.ASCII.GetString(name), value.ToArray()) : null;
    }
}
