using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Wire.Identity;

/// <summary>The URIs in a certificate's subject alternative name: what says who is who here. The framework's reader of this extension
/// lists DNS names and addresses only (RFC 5280 4.2.1.6).</summary>
public static class CertificateUris
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag UniformResourceIdentifier = new(TagClass.ContextSpecific, 6);

    /// <summary>Whether the certificate is to be believed is not looked at here. None if it is malformed where they stand.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        try
        {
            return [.. certificate.Extensions.Where(extension => extension.Oid?.Value == SubjectAlternativeName).SelectMany(extension => Read(extension.RawData))];
        }
        catch (AsnContentException)
        {
            return [];
        }
    }

    private static List<string> Read(byte[] extension)
    {
        var uris = new List<string>();
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        var names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (names.HasData)
        {
            if (names.PeekTag() == UniformResourceIdentifier)
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UniformResourceIdentifier));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return uris;
    }
}
