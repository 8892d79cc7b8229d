using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Passthrough.Agent.Enrolment;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Tests.Support;

/// <summary>A private CA as a gateway keeps one, for the gateways that tests script.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestAuthority(string name = "Test CA")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        Certificate = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
    }

    public X509Certificate2 Certificate { get; }

    public X509Certificate2 ForServer(string dnsName = "localhost", DateTimeOffset? notAfter = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        if (dnsName == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = Issue(new PublicKey(key), names, TimeProvider.System.GetUtcNow().AddHours(-3), notAfter, "1.3.6.1.5.5.7.3.1");
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>The chain for an agent's certificate request, as a gateway sends it.</summary>
    public IReadOnlyList<ByteString> ForAgent(
        ByteString certificateRequest, string tenant = "acme", string agentId = "a1",
        DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var request = CertificateRequest.LoadSigningRequest(certificateRequest.ToByteArray(), HashAlgorithmName.SHA256);
        using var leaf = ForAgentKey(request.PublicKey, tenant, agentId, notBefore, notAfter);
        return [ByteString.CopyFrom(leaf.RawData), ByteString.CopyFrom(Certificate.RawData)];
    }

    public X509Certificate2 ForAgentKey(
        PublicKey key, string tenant = "acme", string agentId = "a1", DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new AgentIdentity(tenant, agentId).ToUri());
        return Issue(key, names, notBefore, notAfter, "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1");
    }

    public X509Certificate2 ForOperator(PublicKey key, OperatorIdentity identity, DateTimeOffset? notAfter = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(identity.ToUri());
        return Issue(key, names, TimeProvider.System.GetUtcNow().AddHours(-3), notAfter, "1.3.6.1.5.5.7.3.2");
    }

    /// <summary>An agent that has enrolled, as it knows itself.</summary>
    public StoredIdentity Enrol(
        string agentId, string tenant = "acme", DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = ForAgentKey(new PublicKey(key), tenant, agentId, notBefore, notAfter);
        return new StoredIdentity(bare.CopyWithPrivateKey(key), Certificate, new AgentIdentity(tenant, agentId), TimeProvider.System.GetUtcNow());
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(
        PublicKey key, SubjectAlternativeNameBuilder names, DateTimeOffset? notBefore, DateTimeOffset? notAfter, params string[] purposes)
    {
        var request = new CertificateRequest(new X500DistinguishedName("CN=test"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(purpose => new Oid(purpose))], false));
        var now = TimeProvider.System.GetUtcNow();
        var signer = X509SignatureGenerator.CreateForECDsa(_key);
        return request.Create(
            Certificate.SubjectName, signer, notBefore ?? now.AddMinutes(-5), notAfter ?? now.AddHours(1), RandomNumberGenerator.GetBytes(16));
    }
}
