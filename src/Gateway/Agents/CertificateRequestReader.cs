using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Gateway.Agents;

/// <summary>Takes from a certificate request (PKCS#10, RFC 2986) its public key, and nothing else: what stands in a certificate
/// is for the CA to say.</summary>
internal static class CertificateRequestReader
{
    /// <summary>Bytes; a request for a P-256 key takes some 200.</summary>
    private const int MaxSize = 4096;
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>False if it is not a request, is not signed by the key that it names, or that key is not P-256.</summary>
    public static bool TryRead(byte[] der, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        if (der.Length is 0 or > MaxSize)
        {
            return false;
        }

        try
        {
            // Verifies the signature: the proof that whoever asks has the private key.
            var candidate = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256).PublicKey;
            using var ecdsa = candidate.GetECDsaPublicKey();
            if (ecdsa?.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && curve.Oid.Value == P256)
            {
                key = candidate;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            // Any bytes may come from the network.
        }

        return key is not null;
    }
}
