using System.Collections.Immutable;
using Akka.Actor;
using Passthrough.Decisions.ForestHealth;
using Passthrough.Decisions.Routing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Forests;

/// <summary>What nodes and the entity of a forest say to each other. The entity never learns that a node died: what a node has told
/// ends with its time.</summary>
internal static class ForestProtocol
{
    /// <summary>For the entity of a forest.</summary>
    public interface IForEntity
    {
        /// <summary>DNS name in lower case.</summary>
        string Forest { get; }
    }

    /// <summary>Everything that crosses between nodes.</summary>
    public interface IMessage;

    /// <summary>How the sending node sees the forest; answered with <see cref="Published"/>.</summary>
    public sealed record Register(string Forest, NodeView View) : IMessage, IForEntity;

    /// <summary>What the entity knows.</summary>
    /// <param name="Snapshot">Null: there is none that is newer than the node's.</param>
    public sealed record Published(string Forest, ForestSnapshot? Snapshot, ImmutableArray<KnownNode> Nodes) : IMessage;

    /// <param name="Age">Since it told so.</param>
    public sealed record KnownNode(NodeView View, IActorRef Node, TimeSpan Age);

    /// <summary>Asks a node that reaches the forest; answered with <see cref="NamesRead"/>.</summary>
    public sealed record ReadNames(string Forest, long Reading) : IMessage;

    /// <param name="Names">Null: they could not be read.</param>
    /// <param name="ReadFrom">A domain controller.</param>
    /// <param name="Fault">One line that says why not, or empty.</param>
    public sealed record NamesRead(string Forest, long Reading, ForestNames? Names, string ReadFrom, string Fault) : IMessage;

    /// <summary>Somebody cannot wait for the next reading; answered with <see cref="Refreshed"/> after one that began later.</summary>
    public sealed record Refresh(string Forest) : IMessage, IForEntity;

    /// <param name="Version">The newest.</param>
    /// <param name="Fault">One line that says why it is not from now, or empty.</param>
    public sealed record Refreshed(long Version, string Fault) : IMessage;

    /// <summary>An attempt, still sealed, from a node that cannot reach its forest; answered with <see cref="TakenOver"/>.</summary>
    public sealed record TakeOver(Attempt Attempt) : IMessage
    {
        public override string ToString() => nameof(TakeOver);
    }

    /// <param name="Reply">For the stream that it came from; null: nothing can be said.</param>
    public sealed record TakenOver(FromAgent? Reply) : IMessage
    {
        public override string ToString() => nameof(TakenOver);
    }
}
