using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Dashboard;
using Passthrough.Dashboards;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator;

/// <summary>What is behind a door for operators.</summary>
[Flags]
internal enum OperatorDoor
{
    /// <summary>For pbm.</summary>
    Commands = 1,

    /// <summary>For browsers.</summary>
    Dashboard = 2,
}

/// <summary>The server behind each door for operators. The local sockets and the port have one each, so that a port that is flooded
/// leaves the sockets as they are.</summary>
internal sealed class OperatorWeb(OperatorService service, DashboardFeed dashboard, TimeProvider clock, ILoggerFactory logs)
{
    /// <summary>More are closed at once.</summary>
    public const int MaxConnections = 64;

    private const int MaxRequestBytes = 16 * 1024;
    private const int CommandsOfOneConnection = 8;

    /// <summary>Where gRPC has its requests: the first part of each path is a service's name with its package.</summary>
    private static readonly PathString Commands = $"/{Wire.V1.Operator.Descriptor.FullName}";

    /// <summary>A connection without a command is closed after this time; the console opens another when it needs one.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(60);

    public WebApplication Build(OperatorDoor door, Action<KestrelServerOptions> listen)
    {
        // Empty: no configuration from files or environment, no address but the one that is given, no handling of signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, OwnedByTheHost>();
        builder.Services.AddSingleton(service);
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxRequestBytes);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.KeepAliveTimeout = IdleTime;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxRequestBytes;
            kestrel.Limits.Http2.MaxStreamsPerConnection = CommandsOfOneConnection;
            listen(kestrel);
        });
        var app = builder.Build();
        var isLocal = !door.HasFlag(OperatorDoor.Commands);
        app.Use((context, next) => Refusal(context.Request, isLocal) is { } why ? RefuseAsync(context, why) : next(context));
        app.UseRouting();
        if (door.HasFlag(OperatorDoor.Commands))
        {
            app.MapGrpcService<OperatorService>();
        }

        if (door.HasFlag(OperatorDoor.Dashboard))
        {
            app.MapDashboard("/", new DashboardSettings(clock), async (context, _) => OperatorCallers.Of(context, "") is null ? null : await dashboard.LookAsync());
        }

        return app;
    }

    private static string? Refusal(HttpRequest request, bool isLocal)
    {
        var (origin, site) = (request.Headers.Origin.ToString(), request.Headers["Sec-Fetch-Site"].ToString());
        return BrowserGate.Refusal(
            new BrowserRequest(request.Scheme, request.Host.Value ?? "", origin.Length > 0 ? origin : null, site.Length > 0 ? site : null),
            !request.Path.StartsWithSegments(Commands), isLocal);
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"Refused: {why}.\n", context.RequestAborted);
    }

    /// <summary>Signals are the agent's host's: it stops this one in its turn.</summary>
    private sealed class OwnedByTheHost : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
