using System.Net;

namespace Passthrough.Agent.Monitoring;

/// <summary>Where monitoring systems ask how the program is.</summary>
public sealed class MonitoringOptions
{
    /// <summary>No listener.</summary>
    public const string Off = "off";

    /// <summary>The address for <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>, HTTP: <c>address:port</c>, port 0 lets the
    /// system choose, or <c>off</c>. Whoever reaches it may read it: no person and no secret is named there, but forests, domain
    /// controllers and gateways are. Default: loopback.</summary>
    public string Listen { get; set; } = "127.0.0.1:9111";

    /// <summary>A collector that metrics are sent to once a minute, OTLP by gRPC: <c>https://host:4317</c>. Default none.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Send a trace of each attempt to the collector too. Default false: it costs some microseconds for each.</summary>
    public bool Traces { get; set; }

    /// <summary>Null: none.</summary>
    internal Uri? Otlp => OtlpEndpoint.Length > 0 ? new Uri(OtlpEndpoint) : null;

    /// <summary>Null: off.</summary>
    internal IPEndPoint? EndPoint => Listen == Off ? null : IPEndPoint.Parse(Listen);

    /// <summary>Every fault at once, each as the name of a property and what it must be; empty if there is none.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (Listen != Off && !(IPEndPoint.TryParse(Listen, out var parsed) && Listen.EndsWith($":{parsed.Port}", StringComparison.Ordinal)))
        {
            faults.Add($"{nameof(Listen)} is '{Listen}': must be address:port, as 127.0.0.1:9111 or [::1]:9111, or {Off}");
        }

        if (OtlpEndpoint.Length > 0
            && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)))
        {
            faults.Add($"{nameof(OtlpEndpoint)} is '{OtlpEndpoint}': must be https://host:port or http://host:port");
        }

        if (Traces && OtlpEndpoint.Length == 0)
        {
            faults.Add($"{nameof(Traces)} is true: then {nameof(OtlpEndpoint)} must say where they are sent");
        }

        return faults;
    }
}
