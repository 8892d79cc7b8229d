using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Enrolment;

/// <summary>What is sent to get a certificate, and what is checked of the one that comes.</summary>
internal static class CertificateOrder
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>PKCS#10 (RFC 2986) in DER, signed by the key it is for. The subject is for people.</summary>
    public static byte[] Write(string name, ECDsa key) =>
        new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    /// <summary>The chain, leaf first then CA, if the leaf is for <paramref name="key"/>, names an agent, and the CA is
    /// <paramref name="authority"/>; otherwise null.</summary>
    public static IReadOnlyList<X509Certificate2>? Check(
        IEnumerable<ByteString> certificates, ECDsa key, X509Certificate2 authority, TimeProvider clock)
    {
        try
        {
            var leaf = certificates.FirstOrDefault() is { } der ? X509CertificateLoader.LoadCertificate(der.Span) : null;
            if (leaf is null || AgentIdentity.From(leaf) is null || !IsFor(leaf, key))
            {
                return null;
            }

            using var chain = new X509Chain { ChainPolicy = GatewayTls.ChainTo(authority, clock, ClientAuthentication) };
            return chain.Build(leaf) ? [leaf, X509CertificateLoader.LoadCertificate(authority.RawData)] : null;
        }
        catch (Exception e) when (e is CryptographicException or System.Formats.Asn1.AsnContentException)
        {
            return null;
        }
    }

    private static bool IsFor(X509Certificate2 leaf, ECDsa key)
    {
        using var named = leaf.GetECDsaPublicKey();
        return named is not null && named.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
    }
}
