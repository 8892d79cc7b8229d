using System.Collections.Immutable;
using Akka.Actor;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Lockout;

/// <summary>What an account and the ledger of its shard say to each other. They live in one process: these messages have no
/// form on the wire, and a node that tried to send one would be refused by its own serializer.</summary>
internal static class LedgerProtocol
{
    /// <summary>Goes to the ledger of the account's shard.</summary>
    public interface IForLedger : INoSerializationVerificationNeeded
    {
        AccountKey Account { get; }
    }

    /// <summary>An account is in memory and asks what is known of it; answered with <see cref="Entered"/>.</summary>
    public sealed record Enter(AccountKey Account) : IForLedger;

    public sealed record Entered(AccountState State) : INoSerializationVerificationNeeded;

    /// <summary>Answered with <see cref="Stored"/> once it is in the journal; if it cannot be, the ledger dies.</summary>
    public sealed record Store(AccountKey Account, ImmutableArray<IFact> Facts) : IForLedger;

    public sealed record Stored(Store What) : INoSerializationVerificationNeeded;

    /// <summary>An account leaves memory; all that is open is stored.</summary>
    public sealed record Leave(AccountKey Account) : IForLedger;

    /// <summary>Sharding's word to an account or a ledger that it must stop: it is idle, or its shard moves.</summary>
    public sealed record Retire : INoSerializationVerificationNeeded
    {
        public static readonly Retire Instance = new();
    }
}
