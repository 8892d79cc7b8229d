using System.Globalization;
using Akka.Cluster.Sharding;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Lockout.LedgerProtocol;
using static Passthrough.Agent.Operator.OperatorProtocol;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>Which entity a message is for, and in which shard that lives. The ledger of a shard is an entity of that shard
/// beside its accounts, so that all of them are always on one node.</summary>
internal sealed class LockoutShards : IMessageExtractor
{
    public const string TypeName = "lockout";

    /// <summary>Ten times the largest cluster that is supported (10 nodes). It is in journals and in running nodes: changing it
    /// takes a full stop of the cluster and a new journal.</summary>
    public const int Count = 100;

    private const string LedgerPrefix = "ledger-";

    public string? EntityId(object message) => message switch
    {
        ICommand command => command.Account.ToString(),
        IForLedger forLedger => LedgerPrefix + Shard(forLedger.Account),
        AskTrouble ask => LedgerPrefix + ask.Shard,
        AskStanding ask => ask.Account.ToString(),
        _ => null,
    };

    public object EntityMessage(object message) => message;

    public string? ShardId(object message) => message switch
    {
        ICommand command => Shard(command.Account),
        IForLedger forLedger => Shard(forLedger.Account),
        AskTrouble ask => ask.Shard,
        AskStanding ask => Shard(ask.Account),
        _ => null,
    };

    public string ShardId(string entityId, object? messageHint = null) =>
        LedgerShard(entityId) is { } shard ? shard
        : AccountKey.TryParse(entityId) is { } account ? Shard(account)
        : throw new ArgumentException($"not an entity of {TypeName}: {entityId}", nameof(entityId));

    /// <summary>The shard whose ledger this is; null if the entity is an account.</summary>
    public static string? LedgerShard(string entityId) =>
        entityId.StartsWith(LedgerPrefix, StringComparison.Ordinal) ? entityId[LedgerPrefix.Length..] : null;

    private static string Shard(AccountKey account) => account.Slot(Count).ToString(CultureInfo.InvariantCulture);
}
