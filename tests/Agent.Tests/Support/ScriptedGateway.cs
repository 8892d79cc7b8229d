using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Support;

/// <summary>A gateway that does what a test tells it: real sockets, real TLS, scripted words.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedGateway(WebApplication app, TestAuthority authority) => (_app, Authority) = (app, authority);

    public TestAuthority Authority { get; }

    /// <summary>Server authentication only.</summary>
    public Uri EnrolmentAddress => new(_app.Urls.First());

    /// <summary>Mutual TLS.</summary>
    public Uri StreamAddress => new(_app.Urls.Last());

    public Func<EnrolRequest, EnrolReply> OnEnrol { get; set; } = _ => throw new RpcException(new Status(StatusCode.Unimplemented, ""));

    public Func<IAsyncStreamReader<FromAgent>, IServerStreamWriter<FromGateway>, ServerCallContext, Task> OnConnect { get; set; } =
        (_, _, _) => Task.CompletedTask;

    public Func<RenewRequest, ServerCallContext, RenewReply> OnRenew { get; set; } =
        (_, _) => throw new RpcException(new Status(StatusCode.Unimplemented, ""));

    /// <param name="authority">What signs the server's certificate and is told as the CA.</param>
    /// <param name="server">The server's certificate; by default one for localhost.</param>
    /// <param name="port">Of the stream; 0 lets the system choose.</param>
    public static async Task<ScriptedGateway> StartAsync(TestAuthority authority, X509Certificate2? server = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, l => Secure(l, ClientCertificateMode.NoCertificate));
            kestrel.Listen(IPAddress.Loopback, port, l => Secure(l, ClientCertificateMode.RequireCertificate));
        });
        builder.Services.AddGrpc();
        ScriptedGateway? gateway = null;
        builder.Services.AddSingleton(_ => gateway!);
        var app = builder.Build();
        app.MapGrpcService<EnrolmentService>();
        app.MapGrpcService<StreamService>();
        gateway = new ScriptedGateway(app, authority);
        await app.StartAsync();
        return gateway;

        void Secure(ListenOptions listen, ClientCertificateMode mode)
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = server ?? authority.ForServer();
                https.SslProtocols = SslProtocols.Tls13;
                https.ClientCertificateMode = mode;
                https.ClientCertificateValidation = (certificate, _, _) => IsFrom(authority, certificate);
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static bool IsFrom(TestAuthority authority, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private sealed class EnrolmentService(ScriptedGateway gateway) : Passthrough.Wire.V1.Enrolment.EnrolmentBase
    {
        public override Task<AuthorityReply> GetAuthority(AuthorityRequest request, ServerCallContext context) =>
            Task.FromResult(new AuthorityReply { Certificate = ByteString.CopyFrom(gateway.Authority.Certificate.RawData) });

        public override Task<EnrolReply> Enrol(EnrolRequest request, ServerCallContext context) =>
            Task.FromResult(gateway.OnEnrol(request));
    }

    private sealed class StreamService(ScriptedGateway gateway) : AgentStream.AgentStreamBase
    {
        public override Task Connect(
            IAsyncStreamReader<FromAgent> requestStream, IServerStreamWriter<FromGateway> responseStream, ServerCallContext context) =>
            gateway.OnConnect(requestStream, responseStream, context);

        public override Task<RenewReply> Renew(RenewRequest request, ServerCallContext context) =>
            Task.FromResult(gateway.OnRenew(request, context));
    }
}
