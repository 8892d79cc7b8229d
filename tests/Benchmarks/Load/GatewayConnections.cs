using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Benchmarks.Load;

/// <summary>Connections to the gateway that are kept, one for each check in flight, trusting its private CA only. Under more load than
/// it can take they are as many as a large service has; what finds none free waits, and its time counts.</summary>
internal static class GatewayConnections
{
    /// <param name="caFile">The CA's certificate, PEM.</param>
    public static HttpMessageInvoker Open(string caFile)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(caFile));
        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            MaxConnectionsPerServer = 1024,
            UseCookies = false,
            AllowAutoRedirect = false,
            // No header for traces: a service that is measured sends none either.
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        });
    }
}
