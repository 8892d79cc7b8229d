#pragma warning disable IDE0005 // Compiled into the gateway too, whose SDK uses some of these by itself.
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Passthrough.Agent.Monitoring;

/// <summary>Collects the program's meters and, if a site wants them, traces, for as long as it lives. Without a listener and without
/// an OTLP endpoint there is none of it, and what is measured costs nothing.</summary>
internal sealed class Telemetry : IDisposable
{
    private const string Ours = "Passthrough.*";

    /// <summary>Of the garbage collector, the thread pool and the process.</summary>
    private const string Runtime = "System.Runtime";

    private readonly TracerProvider? _traces;

    private Telemetry(MeterProvider metrics, TracerProvider? traces) => (Metrics, _traces) = (metrics, traces);

    public MeterProvider Metrics { get; }

    /// <summary>Null: nobody would read it.</summary>
    public static Telemetry? Start(MonitoringOptions options, MonitoredProgram program)
    {
        if (options.EndPoint is null && options.Otlp is null)
        {
            return null;
        }

        var metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(Ours, Runtime);
        if (options.EndPoint is not null)
        {
            metrics.AddPrometheusExporter();
        }

        if (options.Otlp is not null)
        {
            metrics.AddOtlpExporter(To);
        }

        var traces = options.Traces ? Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(Ours).AddOtlpExporter(To).Build() : null;
        return new Telemetry(metrics.Build(), traces);

        void Describe(ResourceBuilder resource) => resource.AddService(program.Name, serviceVersion: program.Version, serviceInstanceId: program.Node);
        void To(OtlpExporterOptions otlp) => otlp.Endpoint = options.Otlp!;
    }

    /// <summary>What was not sent yet is sent.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        Metrics.Dispose();
    }
}
