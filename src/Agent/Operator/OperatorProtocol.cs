using System.Collections.Immutable;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Operator;

/// <summary>What nodes ask each other for an operator.</summary>
internal static class OperatorProtocol
{
    /// <summary>Everything that crosses between nodes.</summary>
    public interface IMessage;

    /// <summary>Have this node run one step of a command; answered with <see cref="RanHere"/>.</summary>
    /// <param name="Words">As typed: the node reads them by its own definitions.</param>
    public sealed record RunHere(ImmutableArray<string> Words, OperatorCaller By, long Cursor) : IMessage;

    /// <param name="Node">Who ran it, as people call it.</param>
    /// <param name="Refusal">Null: it ran.</param>
    /// <param name="Message">Why not.</param>
    public sealed record RanHere(string Node, CommandStep Step, OperatorRefusal? Refusal = null, string Message = "") : IMessage;

    /// <summary>Asks the actor of an account how it stands; answered with <see cref="Standing"/>.</summary>
    public sealed record AskStanding(AccountKey Account) : IMessage;

    /// <param name="Node">Where the account lives, as an address.</param>
    /// <param name="Notice">What is out of the ordinary there, in words; empty: nothing.</param>
    public sealed record Standing(string Node, string Notice, AccountStanding Account) : IMessage;
}
