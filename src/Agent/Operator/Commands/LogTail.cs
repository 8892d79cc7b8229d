using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>What the nodes write to their logs.</summary>
internal sealed class LogTail(AgentLogging logging) : OperatorCommand(
    new("log", "tail", OperatorRole.Read, "The last lines of the log of each node, then each as it comes.",
        [new("at", "at (UTC)"), new("level", "level"), new("event", "event", ColumnKind.Number), new("text", "text")])
    {
        Arguments =
        [
            new("level", "From this level on.") { Switches = ["--level"], Default = "Information", Suggestions = ["Debug", "Information", "Warning", "Error"] },
            Tail.Last, Tail.Once,
        ],
        IsForEveryNode = true,
        IsTail = true,
        Layout = RowLayout.Line,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) =>
        Enum.TryParse<LogLevel>(call.Line["level"], ignoreCase: true, out var level)
            ? Task.FromResult(Tail.Step(
                call, logging.Recent.Ring, each => each.Level >= level,
                each => [Plain.Moment(each.At), each.Level.ToString(), Plain.Number(each.Event), each.Text.ReplaceLineEndings(" ")]))
            : throw new OperatorRefusalException(OperatorRefusal.Malformed, $"{call.Line["level"]} is no level");
}
