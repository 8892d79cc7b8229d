using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Passthrough.Agent.Lockout;

namespace Passthrough.Agent.Operator;

/// <summary>The ledgers of this node.</summary>
internal sealed class LocalLedgers(ActorSystem system)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Of each shard that is at home here now. One that moves meanwhile says nothing.</summary>
    public async Task<ImmutableArray<(string Shard, LedgerProtocol.Trouble Trouble)>> AskAsync(CancellationToken deadline)
    {
        var region = ClusterSharding.Get(system).ShardRegion(LockoutShards.TypeName);
        var shards = await region.Ask<ShardRegionStats>(GetShardRegionStats.Instance, deadline);
        var asked = await Task.WhenAll(shards.Stats.Where(shard => shard.Value > 0).Select(shard => AskAsync(region, shard.Key, deadline)));
        return [.. asked.OfType<(string, LedgerProtocol.Trouble)>()];
    }

    private static async Task<(string, LedgerProtocol.Trouble)?> AskAsync(IActorRef region, string shard, CancellationToken deadline)
    {
        try
        {
            return (shard, await region.Ask<LedgerProtocol.Trouble>(new LedgerProtocol.AskTrouble(shard), Patience, deadline));
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
