using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Benchmarks.Processes;

/// <summary>A private CA that lives for one run, and the directory server's certificate by it.</summary>
internal sealed class RunCertificates
{
    public const string ServerName = "localhost";

    private RunCertificates(string caFile, string certificateFile, string keyFile) =>
        (CaFile, CertificateFile, KeyFile) = (caFile, certificateFile, keyFile);

    public string CaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    public static RunCertificates Create(ScratchFolder scratch, DateTimeOffset now)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=Benchmark CA of one run", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        caRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        caRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(caRequest.PublicKey, false));
        using var ca = caRequest.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={ServerName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(ServerName);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        using var certificate = request.Create(ca, now.AddMinutes(-5), now.AddHours(12), RandomNumberGenerator.GetBytes(16));

        return new RunCertificates(
            scratch.WriteFile("ca.pem", ca.ExportCertificatePem()),
            scratch.WriteFile("slapd.pem", certificate.ExportCertificatePem()),
            scratch.WriteFile("slapd-key.pem", key.ExportPkcs8PrivateKeyPem()));
    }
}
