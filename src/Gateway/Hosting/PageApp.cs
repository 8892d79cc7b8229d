using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Monitoring;
using Passthrough.Gateway.SignIn;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.TenantPage;

namespace Passthrough.Gateway.Hosting;

/// <summary>The web application for people and services: the sign-in page, the JSON endpoint, and whether the gateway is
/// well.</summary>
internal sealed class PageApp
{
    private const int MaxConnections = 20_000;
    private ListenOptions? _listener;

    private PageApp(GatewayParts parts, IServiceProvider agents)
    {
        var builder = WebApps.CreateBuilder(parts.Clock, parts.Logging);
        builder.Services.AddSingleton(agents.GetRequiredService<TenantDirectory>());
        builder.Services.AddSingleton(agents.GetRequiredService<Dispatcher>());
        builder.Services.AddSingleton(parts.Audit);
        builder.Services.AddSignIn(new PageKeys(parts.Database, parts.Authority.DeriveKey(PageKeys.Purpose)), parts.Options.SignIn);
        builder.Services.AddTenantPage(parts, agents);
        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = parts.Options.Agents.VerdictTimeout + TimeSpan.FromSeconds(2));
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, parts, agents));
        App = builder.Build();
        App.MapSignIn();
        App.MapTenantPage(parts.Clock);
        App.MapGet("/health/live", static () => TypedResults.Text("live"));
        var monitoring = agents.GetRequiredService<GatewayMonitoring>();
        App.MapGet("/health/ready", () => monitoring.IsReady
            ? TypedResults.Text("ready")
            : TypedResults.Text("not ready: no tenant is known yet", statusCode: StatusCodes.Status503ServiceUnavailable));
        App.UseEndpoints(static _ => { });
    }

    public WebApplication App { get; }

    public Uri? Page { get; private set; }

    /// <param name="agents">The services of the agents' application.</param>
    /// <exception cref="StartFaultException">The port cannot be listened on, or the page's certificate cannot be used.</exception>
    public static async Task<PageApp> StartAsync(GatewayParts parts, IServiceProvider agents, CancellationToken cancel)
    {
        var page = new PageApp(parts, agents);
        try
        {
            await page.App.StartListeningAsync(cancel);
        }
        catch
        {
            await page.App.DisposeAsync();
            throw;
        }

        page.Page = GatewayNames.Address(parts.Options, page._listener!.IPEndPoint!.Port);
        return page;
    }

    private void Listen(KestrelServerOptions kestrel, GatewayParts parts, IServiceProvider agents)
    {
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        var certificate = Certificate(parts, agents);
        kestrel.Listen(parts.Options.Listen, parts.Options.Listen.PagePort, listener =>
        {
            _listener = listener;
            listener.Protocols = HttpProtocols.Http1AndHttp2;
            listener.UseTls(() => new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate(),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            });
        });
    }

    private static Func<SslStreamCertificateContext> Certificate(GatewayParts parts, IServiceProvider agents)
    {
        if (parts.Options.Page.CertificateFile.Length > 0)
        {
            var log = agents.GetRequiredService<ILogger<PageApp>>();
            var brought = new PageCertificate(parts.Options.Page, parts.Clock, log);
            return () => brought.Current;
        }

        var own = new ServerCertificate(parts.Authority, GatewayNames.Of(parts.Options), parts.Clock);
        return () => own.Current;
    }
}
