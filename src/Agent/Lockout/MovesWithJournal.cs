using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Passthrough.Agent.Lockout;

/// <summary>Shards are moved to nodes that have fewer of them only while the journal answers: a new owner knows what the old one
/// counted by the journal alone. A shard without a home gets one all the same.</summary>
/// <param name="balance">Chooses.</param>
/// <param name="journalAnswers">Asked only if there is something to move.</param>
internal sealed class MovesWithJournal(IActorSystemDependentAllocationStrategy balance, Func<Task<bool>> journalAnswers) : IActorSystemDependentAllocationStrategy
{
    /// <summary>A database that takes longer is no good one to move accounts over.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public void Start(ActorSystem system) => balance.Start(system);

    public Task<IActorRef> AllocateShard(
        IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
        balance.AllocateShard(requester, shardId, currentShardAllocations);

    public async Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
    {
        var moves = await balance.Rebalance(currentShardAllocations, rebalanceInProgress);
        return moves.Count == 0 || await journalAnswers() ? moves : ImmutableHashSet<string>.Empty;
    }
}
