using System.Runtime.InteropServices;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Monitoring;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Monitoring;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Hosting;

/// <summary>A gateway that runs: its parts, the agents' application, then the page. Stopped in the opposite order, so that
/// every request that was taken has its answer.</summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly GatewayParts _parts;
    private readonly AgentApp _agents;
    private readonly PageApp _page;
    private readonly MonitoringServer _monitoring;
    private readonly ILogger<GatewayHost> _log;
    private bool _stopped;

    private GatewayHost(GatewayParts parts, AgentApp agents, PageApp page, MonitoringServer monitoring)
    {
        (_parts, _agents, _page, _monitoring) = (parts, agents, page, monitoring);
        _log = Services.GetRequiredService<ILogger<GatewayHost>>();
    }

    public Uri Page => _page.Page!;

    public Uri Enrolment => _agents.Enrolment!;

    public Uri Stream => _agents.Stream!;

    /// <summary>Null: monitoring systems cannot ask.</summary>
    public Uri? Monitoring => _monitoring.Address;

    /// <summary>Of the agents' application: dispatcher, registry, directory.</summary>
    public IServiceProvider Services => _agents.App.Services;

    /// <summary>Runs a gateway until it is told to stop.</summary>
    /// <param name="output">Gets one line when the gateway is ready.</param>
    /// <returns>The exit code: 0.</returns>
    /// <exception cref="StartFaultException">It cannot start.</exception>
    public static async Task<int> RunAsync(GatewayOptions options, TimeProvider clock, TextWriter output, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var ended = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOn);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOn);
        try
        {
            await using var host = await StartAsync(options, clock, LogToConsole, stop.Token);
            await output.WriteLineAsync(
                $"{AdminCommand.ProgramName} ready: page {host.Page}, enrolment {host.Enrolment}, agent stream {host.Stream}");
            await output.FlushAsync(CancellationToken.None);
            using var self = new SelfCheck(options.Listen.Address, host.Page.Port);
            new ServiceManager(self.AnswersAsync, clock).Run(stop.Token, ended.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }

        finally
        {
            await ended.CancelAsync();
        }

        void StopOn(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <exception cref="StartFaultException">It cannot start.</exception>
    public static async Task<GatewayHost> StartAsync(
        GatewayOptions options, TimeProvider clock, Action<ILoggingBuilder> logging, CancellationToken cancel)
    {
        var parts = await GatewayParts.OpenAsync(options, clock, logging, cancel);
        AgentApp? agents = null;
        try
        {
            agents = await AgentApp.StartAsync(parts, cancel);
            var page = await PageApp.StartAsync(parts, agents.App.Services, cancel);
            var host = new GatewayHost(parts, agents, page, await MonitorAsync(parts.Options, agents.App.Services, cancel));
            host._log.Listening(host.Page, host.Enrolment, host.Stream, Convert.ToHexStringLower(parts.Authority.Fingerprint));
            return host;
        }
        catch
        {
            if (agents is not null)
            {
                await agents.App.DisposeAsync();
            }

            await parts.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        Services.GetRequiredService<GatewayMonitoring>().Stopping();
        _log.Stopping(Services.GetRequiredService<Dispatcher>().InProgress);

        // The page first: what it has taken is still answered by the agents, whose streams end after it.
        await _page.App.StopAsync();
        await _page.App.DisposeAsync();
        await DrainAsync();
        using var patience = new CancellationTokenSource(StreamPatience);
        await _agents.App.StopAsync(patience.Token);
        await _monitoring.StopAsync(patience.Token);
        await _monitoring.DisposeAsync();
        await _agents.App.DisposeAsync();
        await _parts.DisposeAsync();
    }

    private static async Task<MonitoringServer> MonitorAsync(GatewayOptions options, IServiceProvider services, CancellationToken cancel)
    {
        var server = new MonitoringServer(
            options.Monitoring, new MonitoredProgram(AdminCommand.ProgramName, GatewayNames.Of(options)[0]),
            services.GetRequiredService<GatewayMonitoring>().Parts, services.GetRequiredService<ILoggerFactory>(), AgentMeters.BeginWithZero);
        await server.StartAsync(cancel);
        return server;
    }

    private static void LogToConsole(ILoggingBuilder logging) =>
        logging.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            // Told to who asks, each time that he asks.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            .AddFilter("Grpc", LogLevel.Warning)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            });

    /// <summary>Tells each agent, lets it finish what it has in hand, and ends its streams.</summary>
    private async Task DrainAsync()
    {
        var registry = Services.GetRequiredService<AgentRegistry>();
        var streams = registry.Close();
        foreach (var stream in streams)
        {
            stream.Leave();
            stream.TrySend(new FromGateway { Draining = new Draining { Reason = "the gateway stops" } });
        }

        var deadline = _parts.Clock.GetTimestamp();
        using var timer = new PeriodicTimer(LookInterval);
        while (streams.Any(s => s.Outstanding > 0) && _parts.Clock.GetElapsedTime(deadline) < _parts.Options.Agents.VerdictTimeout)
        {
            await timer.WaitForNextTickAsync();
        }

        if (streams.Count(s => s.Outstanding > 0) is > 0 and var busy)
        {
            _log.StoppedEarly(busy);
        }

        foreach (var stream in streams)
        {
            stream.Finish();
        }
    }
}
