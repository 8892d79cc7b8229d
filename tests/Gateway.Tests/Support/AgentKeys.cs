using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Net.Client;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>What an agent has once it is enrolled: its key, its certificate, its CA.</summary>
internal sealed record AgentKeys(ECDsa Key, X509Certificate2 Certificate, X509Certificate2 Authority, EnrolReply Reply)
{
    public AgentIdentity Identity { get; } = new(Reply.Tenant, Reply.AgentId);

    public static async Task<AgentKeys> EnrolAsync(
        Uri enrolment, string token, string name, Action<EnrolRequest>? change = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrolRequest
        {
            JoinToken = token,
            AgentName = name,
            CertificateRequest = ByteString.CopyFrom(Request(key)),
            AgentTimeUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            ProgramVersion = "test",
        };
        change?.Invoke(request);
        using var unverified = Channel(enrolment, null, null);
        var authority = X509CertificateLoader.LoadCertificate(
            (await new Enrolment.EnrolmentClient(unverified).GetAuthorityAsync(new())).Certificate.Span);
        using var channel = Channel(enrolment, null, authority);
        return With(key, await new Enrolment.EnrolmentClient(channel).EnrolAsync(request), authority);
    }

    public static byte[] Request(ECDsa key) =>
        new CertificateRequest("CN=ignored", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    public static AgentKeys With(ECDsa key, EnrolReply reply, X509Certificate2 authority)
    {
        using var leaf = X509CertificateLoader.LoadCertificate(reply.Certificates[0].Span);
        return new AgentKeys(key, leaf.CopyWithPrivateKey(key), authority, reply);
    }

    /// <param name="authority">Null: whoever answers is believed.</param>
    public static GrpcChannel Channel(Uri address, X509Certificate2? own, X509Certificate2? authority)
    {
        var tls = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true),
        };
        if (authority is null)
        {
#pragma warning disable CA5359 // As an agent asks for the CA before it can trust anybody; nothing secret is sent.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { authority },
            };
        }

        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { SslOptions = tls, UseProxy = false },
            DisposeHttpClient = true,
            MaxSendMessageSize = null,
        });
    }

    /// <summary>The same agent with a new key, as after a renewal.</summary>
    public async Task<AgentKeys> RenewAsync(Uri stream, ECDsa? key = null)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var channel = Channel(stream, Certificate, Authority);
        var reply = await new AgentStream.AgentStreamClient(channel).RenewAsync(
            new RenewRequest { CertificateRequest = ByteString.CopyFrom(Request(key)) });
        var renewed = Reply.Clone();
        renewed.Certificates.Clear();
        renewed.Certificates.Add(reply.Certificates);
        return With(key, renewed, Authority);
    }
}
