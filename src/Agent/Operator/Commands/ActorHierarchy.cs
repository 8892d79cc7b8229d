using Akka.Actor;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>The actors of this node below a path.</summary>
internal sealed class ActorHierarchy(ActorSystem system) : OperatorCommand(
    new("actor", "hierarchy", OperatorRole.Read, "The actors of a node below a path.", [new("path", "path"), new("children", "children", ColumnKind.Number)])
    {
        Arguments =
        [
            new("path", "Where to begin.") { Switches = ["-s", "--start"], Default = "/user", Suggestions = ["/user", "/system", "/system/sharding/lockout", "/system/sharding/forest"] },
            new("depth", "How deep.") { Switches = ["-d", "--depth"], Kind = ArgumentKind.Number, Default = "2", Least = 1, Most = 10 },
        ],
        IsForEveryNode = true,
    })
{
    /// <summary>There may be as many actors as people.</summary>
    private const int MaxLines = 500, MaxChildren = 100;

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var parts = call.Line["path"].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var from = ((ExtendedActorSystem)system).Provider.RootGuardian.GetChild(parts);
        if (from is null || from.Equals(ActorRefs.Nobody) || parts.Length == 0)
        {
            throw new OperatorRefusalException(OperatorRefusal.NotFound, $"there is no actor {call.Line["path"]} here: begin at /user or /system");
        }

        var rows = new List<string[]>();
        Walk(from, "", (int)call.Line.Number("depth"), rows);
        return Task.FromResult(CommandStep.Of(rows) with { Note = rows.Count >= MaxLines ? $"the first {MaxLines} only: begin deeper" : "" });
    }

    private static void Walk(IActorRef actor, string indent, int depth, List<string[]> rows)
    {
        var children = (actor as ActorRefWithCell)?.Children.Take(MaxLines + 1).ToList() ?? [];
        rows.Add([indent + (indent.Length == 0 ? actor.Path.ToStringWithoutAddress() : actor.Path.Name), children.Count > MaxLines ? $"{MaxLines}" : Plain.Number(children.Count)]);
        foreach (var child in depth > 0 ? children.Take(MaxChildren) : [])
        {
            if (rows.Count >= MaxLines)
            {
                return;
            }

            Walk(child, indent + "  ", depth - 1, rows);
        }
    }
}
