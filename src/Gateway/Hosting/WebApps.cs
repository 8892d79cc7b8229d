using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Passthrough.Gateway.Hosting;

/// <summary>What the gateway's web applications have in common.</summary>
internal static class WebApps
{
    /// <summary>A builder without any default: no configuration file, environment variable or argument reaches it but through
    /// <see cref="GatewayOptions"/>. So nothing is put into the pipeline either: the caller ends it with
    /// <c>UseEndpoints</c>.</summary>
    public static WebApplicationBuilder CreateBuilder(TimeProvider clock, Action<ILoggingBuilder> logging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        logging(builder.Logging);
        return builder;
    }

    public static void Listen(this KestrelServerOptions kestrel, ListenerOptions options, int port, Action<ListenOptions> configure)
    {
        if (options.Address.Length == 0)
        {
            kestrel.ListenAnyIP(port, configure);
        }
        else
        {
            kestrel.Listen(IPAddress.Parse(options.Address), port, configure);
        }
    }

    /// <summary>TLS by options that are made for each connection: certificates change while the process runs.</summary>
    public static void UseTls(this ListenOptions listener, Func<SslServerAuthenticationOptions> options) =>
        listener.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(options()) });

    /// <exception cref="StartFaultException">A port is taken, or may not be used.</exception>
    public static async Task StartListeningAsync(this WebApplication app, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new StartFaultException(
                FaultKind.PortTaken, $"a port of section Listen cannot be listened on: {e.Message}; free it or choose another", e);
        }
    }
}
