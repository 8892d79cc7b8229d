using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>How much each node says.</summary>
internal sealed class LogShow(AgentLogging logging) : OperatorCommand(
    new("log", "show", OperatorRole.Read, "How much each node writes to its log, and until when.", Columns)
    {
        IsForEveryNode = true,
    })
{
    public static readonly System.Collections.Immutable.ImmutableArray<ColumnDefinition> Columns =
        [new("category", "category"), new("level", "level"), new("until", "until (UTC)")];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(Step(logging));

    public static CommandStep Step(AgentLogging logging) => CommandStep.Of(
        logging.Levels.Now.Select(each => new[] { each.Category, each.Level.ToString(), Plain.Time(each.Until) })
            .Prepend(["everything else", LogLevels.Usual.ToString(), "ever"]));
}
