using Akka.Actor;
using Akka.Cluster.Sharding;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Shards and entities of each node.</summary>
internal sealed class ShardingStats(ActorSystem system) : OperatorCommand(
    new("cluster-sharding", "region-stats", OperatorRole.Read, "Shards and entities in memory on each node. The region lockout has an entity for each account, forest one for each forest.",
        [new("region", "region"), new("shards", "shards", ColumnKind.Number), new("entities", "entities", ColumnKind.Number)])
    {
        Arguments = [new("region", "One region only.") { Switches = ["-r", "--region"], Suggestions = [LockoutShards.TypeName, ForestShards.TypeName] }],
        IsForEveryNode = true,
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        string[] known = [LockoutShards.TypeName, ForestShards.TypeName];
        var meant = call.Line["region"];
        if (meant.Length > 0 && !known.Contains(meant))
        {
            throw new OperatorRefusalException(OperatorRefusal.NotFound, $"there is no region {meant}: {string.Join(" and ", known)}");
        }

        var rows = new List<string[]>();
        foreach (var region in known.Where(region => meant.Length == 0 || region == meant))
        {
            var stats = await ClusterSharding.Get(system).ShardRegion(region).Ask<ShardRegionStats>(GetShardRegionStats.Instance, deadline);
            rows.Add([region, Plain.Number(stats.Stats.Count), Plain.Number(stats.Stats.Sum(shard => shard.Value))]);
        }

        return CommandStep.Of(rows);
    }
}
