using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>The member that a command is about, by its address: it need not answer.</summary>
internal static class NodeArgument
{
    public static readonly ArgumentDefinition Address = new("address", "Of a member, host:port as cluster show has it.") { IsRequired = true };

    public static IEnumerable<string> Suggestions(ActorSystem system) =>
        Cluster.Get(system).State.Members.Select(member => $"{member.Address.Host}:{member.Address.Port}");

    /// <exception cref="OperatorRefusalException">It is no member's.</exception>
    public static Member Find(ActorSystem system, string text) =>
        Cluster.Get(system).State.Members.ToImmutableList().Find(member => text == member.Address.ToString() || text == $"{member.Address.Host}:{member.Address.Port}")
        ?? throw new OperatorRefusalException(OperatorRefusal.NotFound, $"{text} is no member of the cluster: see cluster show");
}
