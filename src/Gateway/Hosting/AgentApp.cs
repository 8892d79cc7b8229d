using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Monitoring;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Hosting;

/// <summary>The web application that agents talk to, on two listeners: one where machines enrol, which have no certificate yet,
/// and one where enrolled agents show theirs. What is called on the wrong one is refused: a stream without a certificate is
/// nobody's.</summary>
internal sealed class AgentApp
{
    private const int MaxMessageBytes = 64 * 1024;
    private const int MaxConnections = 20_000;

    /// <summary>An agent has one stream, for some seconds two, and now and then a renewal.</summary>
    private const int MaxStreamsPerConnection = 16;

    private static readonly TimeSpan EnrolmentTimeout = TimeSpan.FromSeconds(15);

    private ListenOptions? _enrolment;
    private ListenOptions? _stream;

    private AgentApp(GatewayParts parts)
    {
        var builder = WebApps.CreateBuilder(parts.Clock, parts.Logging);
        AddServices(builder.Services, parts);
        var certificate = new ServerCertificate(parts.Authority, GatewayNames.Of(parts.Options), parts.Clock);
        builder.Services.AddSingleton(certificate);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, parts.Options.Listen, certificate));
        App = builder.Build();
        App.UseRouting();
        App.UseRequestTimeouts();
        App.MapGrpcService<EnrolmentService>().WithRequestTimeout(EnrolmentTimeout);
        App.MapGrpcService<AgentStreamService>();
        App.MapGrpcService<InstanceService>();
        App.UseEndpoints(static _ => { });
    }

    public WebApplication App { get; }

    public Uri? Enrolment { get; private set; }

    public Uri? Stream { get; private set; }

    /// <exception cref="StartFaultException">A port cannot be listened on.</exception>
    public static async Task<AgentApp> StartAsync(GatewayParts parts, CancellationToken cancel)
    {
        var app = new AgentApp(parts);
        try
        {
            await app.App.StartListeningAsync(cancel);
            app.Enrolment = GatewayNames.Address(parts.Options, app._enrolment!.IPEndPoint!.Port);
            app.Stream = GatewayNames.Address(parts.Options, app._stream!.IPEndPoint!.Port);
            await app.App.Services.GetRequiredService<InstanceWatch>().StartAsync(app.Stream, cancel);
            return app;
        }
        catch
        {
            await app.App.DisposeAsync();
            throw;
        }
    }

    private static void AddServices(IServiceCollection services, GatewayParts parts)
    {
        services.AddSingleton(parts.Options);
        services.AddSingleton(parts.Authority);
        services.AddSingleton<IDbContextFactory<GatewayContext>>(parts.Database);
        services.AddSingleton<TenantDirectory>();
        services.AddSingleton<TenantWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<TenantWatch>());
        services.AddSingleton<GatewayInstance>();
        services.AddSingleton<GatewayAddresses>();
        services.AddSingleton<AgentGate>();
        services.AddSingleton<AgentRoster>();
        services.AddSingleton<AgentEnrolment>();
        services.AddSingleton<AgentRegistry>();
        services.AddSingleton<PeerBooks>();
        services.AddSingleton<PeerDesk>();
        services.AddSingleton<InstanceWatch>();
        services.AddSingleton<InstanceLinks>();
        services.AddSingleton<OtherInstances>();
        services.AddSingleton<KeptLocks>();
        services.AddSingleton<LearnedNames>();
        services.AddSingleton<AgentPicker>();
        services.AddSingleton<NameSearcher>();
        services.AddSingleton<AttemptSender>();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<GatewayMonitoring>();
        services.AddHostedService<GatewayGauges>();
        services.AddRequestTimeouts();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MaxMessageBytes;
            grpc.MaxSendMessageSize = MaxMessageBytes;
        });
    }

    private void Listen(KestrelServerOptions kestrel, ListenerOptions options, ServerCertificate certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;

        // A stream is silent for seconds and lives for days: heartbeats and deadlines watch it, not a rate or a size.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Listen(options, options.EnrolmentPort, listener =>
        {
            _enrolment = listener;
            listener.Protocols = HttpProtocols.Http2;
            listener.UseTls(() => Tls(certificate));
        });
        kestrel.Listen(options, options.StreamPort, listener =>
        {
            _stream = listener;
            listener.Protocols = HttpProtocols.Http2;
            listener.UseTls(() => MutualTls(certificate, App.Services.GetRequiredService<AgentGate>()));
        });
    }

    private static SslServerAuthenticationOptions Tls(ServerCertificate certificate) => new()
    {
        ServerCertificateContext = certificate.Current,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowTlsResume = false,
    };

    private static SslServerAuthenticationOptions MutualTls(ServerCertificate certificate, AgentGate gate)
    {
        var tls = Tls(certificate);
        tls.ClientCertificateRequired = true;
        tls.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        tls.RemoteCertificateValidationCallback = (_, presented, _, _) => gate.AdmitsHandshake(presented);
        return tls;
    }
}
