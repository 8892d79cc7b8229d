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

    /// <param name="State">As the ledger knows it.</param>
    /// <param name="IsVolatile">The journal is down: decide with half the budget.</param>
    public sealed record Entered(AccountState State, bool IsVolatile) : INoSerializationVerificationNeeded;

    /// <summary>Answered with <see cref="Stored"/> once it is in the journal or, while that is down, counted in memory. Not
    /// answered if there is no room for it.</summary>
    public sealed record Store(AccountKey Account, ImmutableArray<IFact> Facts) : IForLedger;

    /// <param name="What">The message that is answered.</param>
    /// <param name="IsVolatile">It is in the ledger's memory and nowhere else; decide with half the budget.</param>
    public sealed record Stored(Store What, bool IsVolatile) : INoSerializationVerificationNeeded;

    /// <summary>An account leaves memory; all that is open is stored.</summary>
    public sealed record Leave(AccountKey Account) : IForLedger;

    /// <summary>An operator asks the ledger of a shard of this node which of its accounts failed; answered with
    /// <see cref="Trouble"/>.</summary>
    public sealed record AskTrouble(string Shard) : INoSerializationVerificationNeeded;

    /// <param name="Unstored">Facts that are in memory only.</param>
    public sealed record Trouble(LedgerState State, int Unstored, bool IsVolatile) : INoSerializationVerificationNeeded;

    /// <summary>To all accounts of the ledger: decide with half the budget from here on.</summary>
    public sealed record JournalIsGone : INoSerializationVerificationNeeded
    {
        public static readonly JournalIsGone Instance = new();
    }

    /// <summary>To all accounts of the ledger: what was counted in memory is stored.</summary>
    public sealed record JournalIsBack : INoSerializationVerificationNeeded
    {
        public static readonly JournalIsBack Instance = new();
    }

    /// <summary>To all accounts of the ledger: the journal was read only now, and more may be known of them. Leave memory and
    /// enter again.</summary>
    public sealed record EnterAgain : INoSerializationVerificationNeeded
    {
        public static readonly EnterAgain Instance = new();
    }

    /// <summary>Sharding's word to an account or a ledger that it must stop: it is idle, or its shard moves.</summary>
    public sealed record Retire : INoSerializationVerificationNeeded
    {
        public static readonly Retire Instance = new();
    }
}
