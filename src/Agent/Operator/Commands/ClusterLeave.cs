using Akka.Actor;
using Akka.Cluster;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Has a node hand its accounts over and leave; its service manager starts it again.</summary>
internal sealed class ClusterLeave(ActorSystem system) : OperatorCommand(
    new("cluster", "leave", OperatorRole.Operate,
        "Has a member hand its accounts over and leave. Its program ends; a service manager starts it again.", [])
    {
        Arguments = [NodeArgument.Address],
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == "address" ? NodeArgument.Suggestions(system) : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var (cluster, text) = (Cluster.Get(system), call.Line["address"]);
        var isGone = call.Cursor > 0 && cluster.State.Members.All(member => $"{member.Address.Host}:{member.Address.Port}" != text && member.Address.ToString() != text);
        if (isGone)
        {
            return Task.FromResult(CommandStep.Said($"{text} has left"));
        }

        var member = NodeArgument.Find(system, text);
        if (call.Cursor == 0)
        {
            cluster.Leave(member.Address);
        }

        // This node cannot tell of its own end.
        return Task.FromResult(member.Address == cluster.SelfAddress
            ? CommandStep.Said($"{text} leaves: it is this node, which ends now")
            : CommandStep.Empty with { Cursor = call.Cursor + 1, IsDone = false, Progress = $"{text} is {member.Status.ToString().ToLowerInvariant()}" });
    }
}
