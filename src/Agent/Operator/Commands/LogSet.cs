using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Has a node write more, or less, for a time.</summary>
internal sealed class LogSet(AgentLogging logging) : OperatorCommand(
    new("log", "set", OperatorRole.Operate, "Has each node write more to its log, or less, for a time; then it is as before.", LogShow.Columns)
    {
        Arguments =
        [
            new("level", "Debug, Information, Warning or Error.") { IsRequired = true, Suggestions = [.. Levels.Select(each => each.ToString())] },
            new("category", "The beginning of a category's name.")
            {
                Switches = ["-c", "--category"],
                Default = "Passthrough",
                Suggestions = ["Passthrough", "Passthrough.Agent.Attempts", "Passthrough.Agent.Lockout", "Passthrough.Directories", "Akka"],
            },
            new("for", "How long.") { Switches = ["--for"], Kind = ArgumentKind.Duration, Default = "10m", Least = 1, Most = 86_400, Suggestions = ["10m", "1h"] },
        ],
        IsForEveryNode = true,
    })
{
    private static readonly LogLevel[] Levels = [LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var level = Enum.TryParse<LogLevel>(call.Line["level"], ignoreCase: true, out var read) && Levels.Contains(read) ? read
            : throw new OperatorRefusalException(OperatorRefusal.Malformed, $"{call.Line["level"]} is no level: {string.Join(", ", Levels)}");
        logging.Levels.Set(call.Line["category"], level, call.Line.Duration("for"));
        return Task.FromResult(LogShow.Step(logging));
    }
}
