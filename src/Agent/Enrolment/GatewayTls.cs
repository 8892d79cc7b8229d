using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Enrolment;

/// <summary>How the agent connects to a gateway: TLS 1.3, the gateway's certificate under our CA only and for the name that
/// was dialled. Keeps what was wrong with the last certificate it saw, which the framework's exception does not say.</summary>
internal sealed class GatewayTls(Uri gateway, X509Certificate2 authority, X509Certificate2? own, TimeProvider clock)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Null if the certificate was in order or none was seen.</summary>
    public StartFault? Refusal { get; private set; }

    /// <summary>A channel of its own connection; the caller disposes of it.</summary>
    public GrpcChannel Connect() => Open(gateway, Handler(new SslClientAuthenticationOptions
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateChainPolicy = ChainTo(authority, clock),
        RemoteCertificateValidationCallback = (_, _, chain, errors) => Judge(chain, errors),
        ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true),
    }));

    /// <summary>A channel that trusts whoever answers: for the one question whose answer is checked by a fingerprint.</summary>
    public static GrpcChannel ConnectUnverified(Uri gateway) => Open(gateway, Handler(new SslClientAuthenticationOptions
    {
        EnabledSslProtocols = SslProtocols.Tls13,
#pragma warning disable CA5359 // Nothing secret is sent here and nothing is believed that does not have the token's fingerprint.
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
    }));

    /// <summary>Trust in one CA and nothing else: no machine-wide roots, nothing fetched.</summary>
    public static X509ChainPolicy ChainTo(X509Certificate2 authority, TimeProvider clock, Oid? purpose = null)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = clock.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.Add(authority);
        policy.ApplicationPolicy.Add(purpose ?? ServerAuthentication);
        return policy;
    }

    private static GrpcChannel Open(Uri gateway, SocketsHttpHandler handler) => GrpcChannel.ForAddress(gateway, new GrpcChannelOptions
    {
        HttpHandler = handler,
        DisposeHttpClient = true,
        MaxReceiveMessageSize = 64 * 1024,
        MaxRetryAttempts = null,
    });

    private static SocketsHttpHandler Handler(SslClientAuthenticationOptions tls) => new()
    {
        SslOptions = tls,
        ConnectTimeout = ConnectTimeout,
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        KeepAlivePingDelay = TimeSpan.FromSeconds(10),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
    };

    private bool Judge(X509Chain? chain, SslPolicyErrors errors)
    {
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status) ?? default;
        Refusal = errors switch
        {
            SslPolicyErrors.None => null,
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && status == X509ChainStatusFlags.NotTimeValid =>
                new(FaultKind.ClockWrong, $"the certificate of {gateway} is not valid at {clock.GetUtcNow():u}, which is what this "
                    + "machine's clock says: set the clock, or renew the gateway's certificate"),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && status == X509ChainStatusFlags.NoError =>
                new(FaultKind.WrongAuthority, $"the certificate of {gateway} is not for the name {gateway.Host}: dial a name that "
                    + "is in it, or add this one to the gateway's certificate names"),
            _ => new(FaultKind.WrongAuthority, $"the certificate of {gateway} is not from the gateway's own CA: either this is "
                + "another gateway, or something between breaks TLS open; exempt the address from inspection"),
        };
        return Refusal is null;
    }
}
