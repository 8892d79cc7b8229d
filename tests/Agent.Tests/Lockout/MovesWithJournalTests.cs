using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Passthrough.Agent.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>Beside the histories with a database that goes away (tests/Cluster.Tests/Histories).</summary>
public sealed class MovesWithJournalTests
{
    private static readonly ImmutableDictionary<IActorRef, IImmutableList<string>> Nowhere = ImmutableDictionary<IActorRef, IImmutableList<string>>.Empty;

    [Theory]
    [InlineData(true, true, 1)]
    [InlineData(false, true, 0)]
    [InlineData(true, false, 0)]
    public async Task Shards_move_only_while_the_journal_answers(bool answers, bool isUneven, int moved)
    {
        var asked = 0;
        var strategy = new MovesWithJournal(new OneShard(isUneven), () =>
        {
            asked++;
            return Task.FromResult(answers);
        });

        Assert.Equal(moved, (await strategy.Rebalance(Nowhere, ImmutableHashSet<string>.Empty)).Count);
        Assert.Equal(isUneven ? 1 : 0, asked);
    }

    [Fact]
    public async Task A_shard_without_a_home_gets_one_all_the_same() => Assert.Same(
        ActorRefs.Nobody, await new MovesWithJournal(new OneShard(false), () => Task.FromResult(false)).AllocateShard(ActorRefs.Nobody, "7", Nowhere));

    private sealed class OneShard(bool isUneven) : IActorSystemDependentAllocationStrategy
    {
        public void Start(ActorSystem system)
        {
        }

        public Task<IActorRef> AllocateShard(
            IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
            Task.FromResult(requester);

        public Task<IImmutableSet<string>> Rebalance(
            IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress) =>
            Task.FromResult<IImmutableSet<string>>(isUneven ? ["7"] : ImmutableHashSet<string>.Empty);
    }
}
