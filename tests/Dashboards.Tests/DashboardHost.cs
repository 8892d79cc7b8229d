using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Passthrough.Dashboards.Tests;

/// <summary>A dashboard of made data on a real server.</summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DashboardHost(WebApplication app) => _app = app;

    /// <summary>What is shown from the next look on; null: nobody may look.</summary>
    public DashboardPage? Page { get; set; } = Samples.Calm;

    /// <summary>How often it was looked.</summary>
    public int Looks => _looks;

    public Uri Address { get; private set; } = null!;

    private int _looks;

    public static async Task<DashboardHost> StartAsync(int maxStreams = 16, string path = "/", int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        var host = new DashboardHost(app);
        app.UseRouting();
        app.MapDashboard(path, new DashboardSettings(TimeProvider.System) { MaxStreams = maxStreams }, (_, _) =>
        {
            Interlocked.Increment(ref host._looks);
            return Task.FromResult(host.Page);
        });
        await app.StartAsync();
        host.Address = new Uri(new Uri(app.Urls.First()), path);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
