using Passthrough.Agent.Attempts;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Is somebody guessing passwords?</summary>
internal sealed class AttemptsRates(AttemptHistory history) : OperatorCommand(
    new("attempts", "rates", OperatorRole.Read, "How many attempts each node answered lately, by forest and verdict.",
    [
        new("forest", "forest"), new("verdict", "verdict"), new("perSecond", "a second", ColumnKind.Number), new("lastAt", "last step from (UTC)"),
        new("counts", "in each 5 s"),
    ])
    {
        Arguments = [CourseArgument.Steps],
        IsForEveryNode = true,
        SortedBy = "perSecond",
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(CommandStep.Of(
        from each in history.Read()
        let shown = each.Course.Newest((int)call.Line.Number(CourseArgument.Steps.Name))
        select new[]
        {
            each.Forest, each.Verdict.ToString(), Plain.Number(shown.Values.Average() is { } average ? average / Course.StepSeconds : 0), Plain.Time(shown.LastAt),
            shown.Write(),
        }));
}
