using System.Diagnostics.Metrics;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Agent.Monitoring;

/// <summary>What of a running agent is measured by looking at it when somebody collects. Labels are names of the configuration and of
/// the directories' own machines.</summary>
internal sealed class AgentGauges(AgentOptions options, SiteForests forests, IServiceProvider services, TimeProvider clock) : IHostedService, IDisposable
{
    private readonly Meter _meter = new("Passthrough.Agent.Gauges");

    /// <summary>Begun after the cluster: what is looked at is there.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var cluster = Akka.Cluster.Cluster.Get(services.GetRequiredService<ActorSystem>());
        Gauge("passthrough.agent.cluster.members", "{node}", "Members of the cluster, as this node sees it", () => cluster.State.Members.Count);
        Gauge("passthrough.agent.cluster.unreachable", "{node}", "Members that do not answer", () => cluster.State.Unreachable.Count);
        var grants = services.GetRequiredService<MemoryGrants>();
        Gauge("passthrough.agent.lease.held", "{flag}", "1: a majority of the cluster answers this node", () => grants.Allowed ? 1 : 0);
        var intake = services.GetRequiredService<Intake>();
        Gauge("passthrough.agent.in_flight", "{attempt}", "Attempts that were taken and not answered", () => intake.Count);
        Gauge("passthrough.agent.credits", "{attempt}", "Attempts that are worked on at once", () => options.Credits);
        var journal = services.GetRequiredService<JournalHealth>();
        Gauge("passthrough.agent.journal.unstored", "{fact}", "Facts that are counted in memory and that the journal does not have", () => journal.Unstored);
        var interim = services.GetService<InterimPermits>();
        Gauge("passthrough.agent.interim_permits.open", "{permit}", "Interim permits that workers of this agent hold", () => interim?.Open ?? 0);
        var identity = services.GetRequiredService<CurrentIdentity>();
        Gauge(
            "passthrough.agent.certificate.remaining", "s", "Until the agent's certificate ends",
            () => (identity.Value.NotAfter - clock.GetUtcNow()).TotalSeconds);
        Directories();
        Gateways(services.GetRequiredService<GatewayConnector>());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private void Directories()
    {
        Gauges(
            "passthrough.agent.forest.reachable", "{flag}", "1: a domain controller of the forest answers",
            () => forests.Served.Select(forest => new Measurement<double>(forest.IsReachable() ? 1 : 0, Label("forest", forest.Forest))));
        Gauges("passthrough.agent.domain_controller.up", "{flag}", "1: it gets sign-ins", () => Controllers(each => each.IsHealthy ? 1 : 0));
        Gauges(
            "passthrough.agent.domain_controller.latency", "s", "About how long it takes to answer, 0 before its first answer",
            () => Controllers(each => each.LatencyMicros / 1e6));
        Gauges("passthrough.agent.domain_controller.outstanding", "{request}", "Work of this agent that it has not answered", () => Controllers(each => each.Outstanding));
    }

    private void Gateways(GatewayConnector gateways)
    {
        Gauges(
            "passthrough.agent.stream.up", "{flag}", "1: there is a stream to the gateway",
            () => gateways.Links.Select(link => new Measurement<double>(link.IsUp ? 1 : 0, Label("gateway", link.Gateway.Authority))));
        Gauges(
            "passthrough.agent.clock.ahead", "s", "How far this machine's clock is before another's, to a second or two",
            () => forests.Clocks.Concat(gateways.Links.Where(link => link.ClockAhead is not null).Select(link => (link.Gateway.Authority, link.ClockAhead!.Value)))
                .Select(other => new Measurement<double>(other.Item2.TotalSeconds, Label("of", other.Item1))));
    }

    private IEnumerable<Measurement<double>> Controllers(Func<ControllerView, double> value) =>
        from forest in forests.Served
        from controller in forest.Controllers()
        select new Measurement<double>(value(controller), Label("forest", forest.Forest), Label("domain_controller", controller.Name));

    private void Gauge(string name, string unit, string description, Func<double> value) => _meter.CreateObservableGauge(name, value, unit, description);

    private void Gauges(string name, string unit, string description, Func<IEnumerable<Measurement<double>>> values) =>
        _meter.CreateObservableGauge(name, values, unit, description);

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
