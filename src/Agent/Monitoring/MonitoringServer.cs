#pragma warning disable IDE0005 // Compiled into the gateway too, whose SDK uses some of these by itself.
using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Monitoring;

/// <summary>The program, as monitoring systems tell it from others.</summary>
/// <param name="Name">As its command is called.</param>
/// <param name="Node">What people call this one.</param>
internal sealed record MonitoredProgram(string Name, string Node)
{
    public string Version { get; } =
        typeof(MonitoredProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

/// <summary>A part whose health is told.</summary>
/// <param name="LookAsync">May throw: then the part is unhealthy.</param>
internal sealed record MonitoredPart(string Name, Func<CancellationToken, Task<Finding>> LookAsync);

/// <summary>The HTTP listener for monitoring systems. It starts first and stops last, so that it can tell of both; that it cannot
/// listen keeps nobody from signing in.</summary>
/// <param name="whenCollected">Called once, when what is measured is collected from then on.</param>
internal sealed class MonitoringServer(
    MonitoringOptions options, MonitoredProgram program, IReadOnlyList<MonitoredPart> parts, ILoggerFactory logs, Action? whenCollected = null)
    : IHostedService, IAsyncDisposable
{
    private const int MaxConnections = 64;
    private static readonly TimeSpan PartPatience = TimeSpan.FromSeconds(5);

    private static readonly HttpMethodMetadata ReadOnly = new([HttpMethods.Get, HttpMethods.Head]);

    private readonly ILogger _log = logs.CreateLogger<MonitoringServer>();
    private WebApplication? _app;
    private Telemetry? _telemetry;

    /// <summary>Null: it does not listen.</summary>
    public Uri? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _telemetry = Telemetry.Start(options, program);
        whenCollected?.Invoke();
        if (options.EndPoint is not { } endPoint)
        {
            return;
        }

        _app = Build(endPoint, _telemetry!);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or System.Net.Sockets.SocketException)
        {
            _log.NotListening(options.Listen, fault.Message);
            return;
        }

        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _log.Listening(Address);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _telemetry?.Dispose();
    }

    private WebApplication Build(IPEndPoint endPoint, Telemetry telemetry)
    {
        // Empty: no configuration from files or environment, no address but this, no handling of signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, OwnedByTheProgram>();
        builder.Services.AddRoutingCore();
        var checks = builder.Services.AddHealthChecks();
        foreach (var part in parts)
        {
            checks.Add(new HealthCheckRegistration(part.Name, new PartCheck(part), failureStatus: null, tags: null, PartPatience));
        }

        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(endPoint, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).WithMetadata(ReadOnly);
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).WithMetadata(ReadOnly);
        app.MapPrometheusScrapingEndpoint("/metrics", telemetry.Metrics, configureBranchedPipeline: null, optionsName: null).WithMetadata(ReadOnly);
        app.UseEndpoints(static _ => { });
        return app;
    }

    private Task WriteAsync(HttpContext context, Microsoft.Extensions.Diagnostics.HealthChecks.HealthReport found)
    {
        context.Response.ContentType = "application/json";
        var told = parts.Where(part => found.Entries.ContainsKey(part.Name)).Select(part => (part.Name, Entry: found.Entries[part.Name]))
            .Select(part => new HealthReport.Part(part.Name, StateOf(part.Entry.Status), part.Entry.Description ?? "it failed to say"));
        var report = new HealthReport(StateOf(found.Status), program.Name, program.Node, program.Version, [.. told]);
        return context.Response.Body.WriteAsync(report.ToJson(), context.RequestAborted).AsTask();
    }

    private static HealthState StateOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => HealthState.Healthy,
        HealthStatus.Degraded => HealthState.Degraded,
        _ => HealthState.Unhealthy,
    };

    private sealed class PartCheck(MonitoredPart part) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var finding = await part.LookAsync(cancellationToken);
            return new HealthCheckResult(
                finding.State switch
                {
                    HealthState.Healthy => HealthStatus.Healthy,
                    HealthState.Degraded => HealthStatus.Degraded,
                    _ => HealthStatus.Unhealthy,
                },
                finding.Reason);
        }
    }

    /// <summary>Signals are the program's: it stops this one in its turn.</summary>
    private sealed class OwnedByTheProgram : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
