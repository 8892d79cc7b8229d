using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Passthrough.Gateway.Hosting;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Agents;

/// <summary>The private CA: the only one whose certificates agents and this gateway show each other. ECDSA P-256; made at the
/// first start, its key kept in ca.key of the state directory, readable by its owner only.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private const string CertificateFile = "ca.crt";
    private const string KeyFile = "ca.key";
    private const int SerialSize = 16;

    /// <summary>How long the CA lives; also before its making, so that no clock finds it to be of the future.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan Earlier = TimeSpan.FromDays(1);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The CA's certificate, DER.</summary>
    public byte[] Certificate => _certificate.RawData;

    /// <summary>SHA-256 of <see cref="Certificate"/>, as join tokens carry it.</summary>
    public byte[] Fingerprint => SHA256.HashData(_certificate.RawDataMemory.Span);

    /// <summary>Reads the CA, or makes it if the state directory has none.</summary>
    /// <exception cref="StartFaultException">It is damaged or incomplete, or others may read its key.</exception>
    public static async Task<CertificateAuthority> OpenAsync(StateDirectory state, DateTimeOffset now, CancellationToken cancel)
    {
        using var only = await state.LockAsync(cancel);
        var (hasCertificate, hasKey) = (File.Exists(state.PathOf(CertificateFile)), File.Exists(state.PathOf(KeyFile)));
        if (!hasCertificate && !hasKey)
        {
            Create(state, now);
        }
        else if (!hasKey || !hasCertificate)
        {
            var missing = state.PathOf(hasKey ? CertificateFile : KeyFile);
            throw new StartFaultException(
                FaultKind.AuthorityDamaged, $"{missing} is missing: restore it from a backup; without it no agent can be trusted");
        }

        return Read(state);
    }

    /// <summary>A key that every instance with this CA makes alike (HKDF-SHA256 of the CA's private key), and nobody else.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] DeriveKey(string purpose)
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        var secret = key.ExportParameters(includePrivateParameters: true).D!;
        try
        {
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, SHA256.HashSizeInBytes, info: Encoding.UTF8.GetBytes(purpose));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Signs a certificate for an agent.</summary>
    /// <param name="key">P-256; the caller saw the proof that the agent has the private half.</param>
    public X509Certificate2 IssueAgent(PublicKey key, AgentIdentity identity, string name, TimeSpan lifetime, DateTimeOffset now) =>
        Sign(CertificateProfiles.Agent(key, identity, name), lifetime, now);

    /// <summary>Makes a key, which never leaves the memory of this process, and signs a certificate for this gateway.</summary>
    public X509Certificate2 IssueServer(IEnumerable<string> names, TimeSpan lifetime, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(CertificateProfiles.Server(key, names), lifetime, now);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Whether this CA itself signed it as a client's, and it is valid now. Revocation is the roster's.</summary>
    public bool IsClientCertificate(X509Certificate2 presented, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(CertificateProfiles.ClientAuthentication));
        return chain.Build(presented) && chain.ChainElements.Count == 2;
    }

    public void Dispose() => _certificate.Dispose();

    private static void Create(StateDirectory state, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = CertificateProfiles.Authority(key).CreateSelfSigned(now - Earlier, now + Lifetime);
        state.WritePrivate(KeyFile, key.ExportPkcs8PrivateKeyPem());
        state.WritePrivate(CertificateFile, certificate.ExportCertificatePem());
    }

    private static CertificateAuthority Read(StateDirectory state)
    {
        var keyText = state.ReadPrivate(KeyFile);
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(state.PathOf(CertificateFile)));
            using var key = ECDsa.Create();
            key.ImportFromPem(keyText);
            return new CertificateAuthority(certificate.CopyWithPrivateKey(key));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException)
        {
            throw new StartFaultException(
                FaultKind.AuthorityDamaged,
                $"{state.PathOf(KeyFile)} and {state.PathOf(CertificateFile)} are not a CA ({e.Message}): restore both from a backup",
                e);
        }
    }

    private X509Certificate2 Sign(CertificateRequest request, TimeSpan lifetime, DateTimeOffset now)
    {
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));

        // Valid from a little earlier, for clocks that are behind; but so little that half of a short life lies ahead.
        var earlier = lifetime / 10 < EnrolmentFault.MaxClockDifference ? lifetime / 10 : EnrolmentFault.MaxClockDifference;
        var serial = RandomNumberGenerator.GetBytes(SerialSize);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return request.Create(_certificate, now - earlier, now + lifetime, serial);
    }
}
