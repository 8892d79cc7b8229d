using Akka.Actor;
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
        akka.WithActors(async (system, registry) =>
        {
            var accountLog = logs.CreateLogger<AccountEntity>();
            var ledgerLog = logs.CreateLogger<LedgerEntity>();
            var sharding = ClusterSharding.Get(system);
            var region = new Lazy<IActorRef>(() => sharding.ShardRegion(LockoutShards.TypeName));
            var settings = ClusterShardingSettings.Create(system);
            var balance = (IActorSystemDependentAllocationStrategy)sharding.DefaultShardAllocationStrategy(settings);

            // Idle entities leave by their own rule: an account that is asked nothing retires, a ledger stays.
            registry.Register<PermitDesk>(await sharding.StartAsync(
                LockoutShards.TypeName,
                entityId => LockoutShards.LedgerShard(entityId) is { } shard
                    ? Props.CreateBy(new EntityProducer<LedgerEntity>(() => new LedgerEntity(shard, policies, clock, health, ledgerLog)))
                    : Props.CreateBy(new EntityProducer<AccountEntity>(() => new AccountEntity(
                        AccountKey.TryParse(entityId)!, region.Value, policies, grants, clock, accountLog, escrow))),
                settings,
                new LockoutShards(),
                escrow is null ? balance : new MovesWithJournal(balance, () => escrow.AnswersAsync(MovesWithJournal.Patience)),
                LedgerProtocol.Retire.Instance));
            system.ActorOf(
                Props.CreateBy(new EntityProducer<LeaseKeeper>(() => new LeaseKeeper(grants, logs.CreateLogger<LeaseKeeper>()))),
                LeaseKeeper.Name);
        });
}
