using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Akka.Util;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using static Passthrough.Agent.Forests.ForestProtocol;

namespace Passthrough.Agent.Forests;

/// <summary>Registers the capability with a node.</summary>
internal static class ForestHosting
{
    /// <summary>The entities of the cluster's forests, one each.</summary>
    public static AkkaConfigurationBuilder WithForests(this AkkaConfigurationBuilder akka, TimeProvider clock, ILoggerFactory logs) =>
        akka.WithShardRegion<ForestEntity>(
            ForestShards.TypeName,
            (_, _) =>
            {
                var log = logs.CreateLogger<ForestEntity>();
                return forest => Props.CreateBy(new EntityProducer<ForestEntity>(() => new ForestEntity(forest, clock, log)));
            },
            new ForestShards(),
            // Every node asks every few seconds: there is nobody idle to retire.
            new ShardOptions { ShouldPassivateIdleEntities = false });

    /// <summary>This node's part among the nodes of its forests. Starts after the cluster node.</summary>
    public static IServiceCollection AddForestNode(this IServiceCollection services)
    {
        services.AddSingleton(provider => new ForestPeers(
            provider.GetRequiredService<EnrolmentRecord>().AgentId,
            address => IsUp(Cluster.Get(provider.GetRequiredService<ActorSystem>()).State, address),
            provider.GetRequiredService<SteadyClock>()));
        return services.AddSingleton<IHostedService, Membership>();
    }

    private static bool IsUp(ClusterEvent.CurrentClusterState state, Address address) =>
        state.Members.Any(member => member.Address == address) && !state.Unreachable.Any(member => member.Address == address);

    private sealed class Membership(IServiceProvider services) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            var (forests, enrolment) = (services.GetRequiredService<SiteForests>(), services.GetRequiredService<EnrolmentRecord>());
            var intake = services.GetRequiredService<Intake>();
            var parts = new ForestNodeParts(
                enrolment.AgentId, enrolment.AgentName, forests.Served,
                await services.GetRequiredService<IRequiredActor<ForestEntity>>().GetAsync(cancellationToken),
                forests.Routes, services.GetRequiredService<ForestPeers>(), () => intake.Count, intake.TryTake,
                services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ForestNode>>());
            services.GetRequiredService<ActorSystem>().ActorOf(Props.CreateBy(new EntityProducer<ForestNode>(() => new ForestNode(parts))), "forests");
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Which forest a message is for, and in which shard its entity lives.</summary>
internal sealed class ForestShards : IMessageExtractor
{
    public const string TypeName = "forest";

    /// <summary>Twice the largest cluster that is supported (10 nodes). It is in running nodes: changing it takes a full stop of the
    /// cluster.</summary>
    public const int Count = 20;

    public string? EntityId(object message) => (message as IForEntity)?.Forest;

    public object EntityMessage(object message) => message;

    public string? ShardId(object message) => message is IForEntity forForest ? ShardId(forForest.Forest) : null;

    public string ShardId(string entityId, object? messageHint = null) =>
        ((uint)MurmurHash.StringHash(entityId) % Count).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
