using System.Diagnostics.Metrics;
using Passthrough.Decisions.Monitoring;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Monitoring;

/// <summary>What of a running gateway is measured by looking at it when somebody collects. Labels are tenants and forests that are
/// configured here.</summary>
internal sealed class GatewayGauges(
    GatewayMonitoring monitoring, AgentRegistry registry, Dispatcher dispatcher, TenantWatch watch, TimeProvider clock) : IHostedService, IDisposable
{
    private readonly Meter _meter = new("Passthrough.Gateway.Gauges");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Gauge("passthrough.gateway.in_progress", "{attempt}", "Requests that have not had their outcome", () => dispatcher.InProgress);
        Gauge("passthrough.gateway.agents", "{agent}", "Agents that are connected", () => registry.ConnectedAgents);
        Gauge("passthrough.gateway.database.up", "{flag}", "1: the database answered within the last seconds", () => GatewayHealth.DatabaseAnswers(watch.Silent) ? 1 : 0);
        Gauges(
            "passthrough.gateway.forest.agents", "{agent}", "Agents of a forest that are connected, well and reach it",
            () => monitoring.Forests().Select(each => Of(each.Tenant, each.Forest, each.Usable)));
        Gauges(
            "passthrough.gateway.credits", "{attempt}", "Attempts that the connected agents of a forest take at once",
            () => monitoring.Routes().Select(route => Of(route.Tenant, route.Forest, registry.CreditsOf(route).Given)));
        Gauges(
            "passthrough.gateway.credits.used", "{attempt}", "Attempts that they have and have not answered",
            () => monitoring.Routes().Select(route => Of(route.Tenant, route.Forest, registry.CreditsOf(route).Used)));
        Gauges(
            "passthrough.gateway.certificate.remaining", "s", "Until a certificate ends: the CA, the page's own",
            () => monitoring.Ends().Select(each => new Measurement<double>((each.Ends - clock.GetUtcNow()).TotalSeconds, Label("certificate", each.Name))));
        Gauges(
            "passthrough.gateway.clock.ahead", "s", "How far this machine's clock is before another's",
            () => monitoring.Clocks().Select(other => new Measurement<double>(other.Ahead.TotalSeconds, Label("of", other.Of))));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, string description, Func<double> value) => _meter.CreateObservableGauge(name, value, unit, description);

    private void Gauges(string name, string unit, string description, Func<IEnumerable<Measurement<double>>> values) =>
        _meter.CreateObservableGauge(name, values, unit, description);

    private static Measurement<double> Of(string tenant, string forest, int value) => new(value, Label("tenant", tenant), Label("forest", forest));

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
