using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Passthrough.Gateway.Agents;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Instances;

/// <summary>The connections to other instances: TLS 1.3, both sides with a certificate of the private CA that names an instance. Opened
/// at the first call. May be used by many threads.</summary>
public sealed class InstanceLinks(CertificateAuthority authority, ServerCertificate own) : IDisposable
{
    /// <summary>Calls at once to one instance are at most so many times the streams of a connection.</summary>
    private const int MaxConnections = 64;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Uri, Link> _links = new();

    public GatewayPeer.GatewayPeerClient To(Uri instance)
    {
        var certificate = own.Current;
        while (true)
        {
            var link = _links.GetOrAdd(instance, _ => new Link(certificate, new(() => Open(instance, certificate))));
            if (link.Certificate == certificate)
            {
                return new GatewayPeer.GatewayPeerClient(link.Channel.Value);
            }

            // This instance's certificate was renewed. What the old link has in hand ends with it.
            if (_links.TryRemove(KeyValuePair.Create(instance, link)) && link.Channel.IsValueCreated)
            {
                link.Channel.Value.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var link in _links.Values.Where(link => link.Channel.IsValueCreated))
        {
            link.Channel.Value.Dispose();
        }
    }

    private GrpcChannel Open(Uri instance, SslStreamCertificateContext certificate)
    {
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        chain.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(authority.Certificate));
        chain.ApplicationPolicy.Add(new Oid(CertificateProfiles.ServerAuthentication));
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = chain,
                ClientCertificateContext = certificate,
                RemoteCertificateValidationCallback = (_, presented, _, faults) =>
                    faults == SslPolicyErrors.None && InstanceIdentity.IsIn(presented as X509Certificate2),
            },
            ConnectTimeout = ConnectTimeout,
            UseProxy = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            MaxConnectionsPerServer = MaxConnections,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(2),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
        };
        return GrpcChannel.ForAddress(instance, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 64 * 1024,
            MaxRetryAttempts = null,
        });
    }

    private sealed record Link(SslStreamCertificateContext Certificate, Lazy<GrpcChannel> Channel);
}
