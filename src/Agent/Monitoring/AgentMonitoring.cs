using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Passthrough.Agent.Connector;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Monitoring;

/// <summary>Looks at the parts of a running agent; what that means is <see cref="AgentHealth"/>'s. Asks for nothing of the cluster
/// before the agent has started: the actor system begins with who first asks for it.</summary>
internal sealed class AgentMonitoring(IServiceProvider services, IHostApplicationLifetime lifetime, SiteForests forests, TimeProvider clock)
{
    private static readonly TimeSpan ShardPatience = TimeSpan.FromSeconds(2);

    public IReadOnlyList<MonitoredPart> Parts =>
    [
        new("agent", _ => Task.FromResult(ProgramHealth.Life(IsStarted, lifetime.ApplicationStopping.IsCancellationRequested))),
        Part("cluster", Cluster),
        new("shards", async cancel => IsStarted ? AgentHealth.Shards(await CountShardsAsync(cancel)) : NotYet),
        Part("journal", () => services.GetRequiredService<JournalHealth>() is var journal ? AgentHealth.Journal(journal.IsPrepared, journal.Reason) : NotYet),
        Part("forests", () => AgentHealth.Forests([.. forests.Served.Select(StandingOf)])),
        Part("gateways", () => AgentHealth.Streams(
            [.. services.GetRequiredService<GatewayConnector>().Links.Select(link => (link.Gateway.ToString(), link.IsUp ? "" : link.Fault?.ToString() ?? "it is being opened"))])),
        Part("certificate", Certificate),
        Part("clock", () => ProgramHealth.Clock([.. forests.Clocks, .. GatewayClocks()])),
    ];

    private static Finding NotYet { get; } = Finding.Well("not looked at before the agent has started");

    private bool IsStarted => lifetime.ApplicationStarted.IsCancellationRequested;

    private MonitoredPart Part(string name, Func<Finding> look) => new(name, _ => Task.FromResult(IsStarted ? look() : NotYet));

    private Finding Cluster()
    {
        var cluster = Akka.Cluster.Cluster.Get(services.GetRequiredService<ActorSystem>());
        var state = cluster.State;
        return AgentHealth.Cluster(
            cluster.IsTerminated ? "removed" : cluster.SelfMember.Status.ToString().ToLowerInvariant(), state.Members.Count,
            [.. state.Unreachable.Select(member => $"{member.Address}")], services.GetRequiredService<MemoryGrants>().Allowed);
    }

    private async Task<int?> CountShardsAsync(CancellationToken cancel)
    {
        try
        {
            var region = await services.GetRequiredService<IRequiredActor<PermitDesk>>().GetAsync(cancel);
            return (await region.Ask<ShardRegionStats>(GetShardRegionStats.Instance, ShardPatience, cancel)).Stats.Count;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static ForestStanding StandingOf(ServedForest forest) =>
        new(forest.Forest, forest.IsReachable(), [.. forest.Controllers().Select(each => (each.Name, each.IsHealthy))]);

    private Finding Certificate()
    {
        var identity = services.GetRequiredService<CurrentIdentity>().Value;
        return ProgramHealth.Certificate("the agent's certificate", identity.LifeBegan, identity.NotAfter, clock.GetUtcNow());
    }

    private IEnumerable<(string Of, TimeSpan Ahead)> GatewayClocks() =>
        from link in services.GetRequiredService<GatewayConnector>().Links
        where link.ClockAhead is not null
        select (link.Gateway.ToString(), link.ClockAhead!.Value);
}
