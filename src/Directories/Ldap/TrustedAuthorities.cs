using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Directories.Ldap;

/// <summary>The certificate authorities whose domain controllers are believed: those of one file, no other, whatever the
/// machine itself trusts.</summary>
internal sealed class TrustedAuthorities
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _certificates;

    private TrustedAuthorities(string file, X509Certificate2Collection certificates) => (File, _certificates) = (file, certificates);

    /// <summary>Where they come from, for messages.</summary>
    public string File { get; }

    /// <summary>Reads a PEM file of one or more certificates: roots, and the intermediates that servers forget to send.</summary>
    /// <exception cref="DirectoryFaultException">It cannot be read or holds none.</exception>
    public static TrustedAuthorities Load(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new DirectoryFaultException($"the CA file {file} cannot be read: {e.Message}", e);
        }

        return certificates.Count > 0
            ? new TrustedAuthorities(file, certificates)
            : throw new DirectoryFaultException($"the CA file {file} holds no certificate in PEM form");
    }

    /// <summary>What a TLS client needs to demand a certificate of these authorities for this host name.</summary>
    public SslClientAuthenticationOptions OptionsFor(string host, RemoteCertificateValidationCallback decide)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // The revocation lists of an enterprise CA usually lie in the very directory that is to be reached.
            RevocationMode = X509RevocationMode.NoCheck,
            // Otherwise a certificate could make this process fetch an address of its choice.
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_certificates);
        policy.ExtraStore.AddRange(_certificates);
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = decide,
            AllowRenegotiation = false,
            // Connections are few and live long: every one proves its certificate anew.
            AllowTlsResume = false,
        };
    }

    /// <summary>Says in one line what is wrong with a certificate, or null if nothing is.</summary>
    public string? Explain(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (certificate is null)
        {
            return "it shows no certificate";
        }

        var statuses = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (statuses.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return $"its certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to "
                + $"{certificate.NotAfter.ToUniversalTime():u} only; renew it, or set this machine's clock";
        }

        if (statuses.HasFlag(X509ChainStatusFlags.UntrustedRoot) || statuses.HasFlag(X509ChainStatusFlags.PartialChain))
        {
            return $"its certificate was issued by '{certificate.Issuer}', which {File} does not hold";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"its certificate is for {string.Join(", ", NamesOf(certificate))}, not for {host}";
        }

        return $"its certificate is not accepted: {statuses}";
    }

    private static List<string> NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var all = names is null
            ? []
            : names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())).ToList();
        return all.Count > 0 ? all : [$"'{certificate.Subject}'"];
    }
}
