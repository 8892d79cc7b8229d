using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Registers the capability with a node.</summary>
public static class LockoutHosting
{
    /// <summary>Accounts and ledgers in one shard region; <see cref="PermitDesk"/> is the way in.</summary>
    public static AkkaConfigurationBuilder WithLockout(
        this AkkaConfigurationBuilder akka, LockoutPolicies policies, MemoryGrants grants, TimeProvider clock, JournalHealth health,
        Escrow? escrow, ILoggerFactory logs) =>
        akka.WithShardRegion<PermitDesk>(
            LockoutShards.TypeName,
            (system, _) =>
            {
                var accountLog = logs.CreateLogger<AccountEntity>();
                var ledgerLog = logs.CreateLogger<LedgerEntity>();
                var region = new Lazy<IActorRef>(() => ClusterSharding.Get(system).ShardRegion(LockoutShards.TypeName));
                return entityId => LockoutShards.LedgerShard(entityId) is { } shard
                    ? Props.CreateBy(new EntityProducer<LedgerEntity>(() => new LedgerEntity(shard, policies, clock, health, ledgerLog)))
                    : Props.CreateBy(new EntityProducer<AccountEntity>(() => new AccountEntity(
                        AccountKey.TryParse(entityId)!, region.Value, policies, grants, clock, accountLog, escrow)));
            },
            new LockoutShards(),
            // Idle entities leave by their own rule: an account that is asked nothing retires, a ledger stays.
            new ShardOptions { HandOffStopMessage = LedgerProtocol.Retire.Instance, ShouldPassivateIdleEntities = false })
            .WithActors((system, _) => system.ActorOf(
                Props.CreateBy(new EntityProducer<LeaseKeeper>(() => new LeaseKeeper(grants, logs.CreateLogger<LeaseKeeper>()))),
                LeaseKeeper.Name));
}
