using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Gateway.Instances;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Agents;

/// <summary>What stands in each kind of certificate that the private CA makes (RFC 5280 4.2).</summary>
internal static class CertificateProfiles
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The CA itself: signs leaves, and no further CA.</summary>
    public static CertificateRequest Authority(ECDsa key)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName($"Passthrough gateway CA {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    /// <summary>An agent: a client of gateways, and client and server among the agents of its tenant.</summary>
    /// <param name="name">For people; decides nothing.</param>
    public static CertificateRequest Agent(PublicKey key, AgentIdentity identity, string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(identity.ToUri());
        return Leaf(key, name, names, ClientAuthentication, ServerAuthentication);
    }

    /// <summary>An instance of this gateway: its listeners, and a client of other instances.</summary>
    /// <param name="names">DNS names and IP addresses.</param>
    public static CertificateRequest Server(ECDsa key, IEnumerable<string> names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        alternatives.AddUri(InstanceIdentity.Uri);
        return Leaf(new PublicKey(key), "Passthrough gateway", alternatives, ServerAuthentication, ClientAuthentication);
    }

    private static CertificateRequest Leaf(
        PublicKey key, string commonName, SubjectAlternativeNameBuilder alternatives, params string[] purposes)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(commonName);
        var usages = new OidCollection();
        foreach (var purpose in purposes)
        {
            usages.Add(new Oid(purpose));
        }

        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        return request;
    }
}
