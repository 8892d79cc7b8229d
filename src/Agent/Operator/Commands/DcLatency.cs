using Passthrough.Agent.Forests;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Since when is a domain controller slow?</summary>
internal sealed class DcLatency(LatencyHistory history) : OperatorCommand(
    new("dc", "latency", OperatorRole.Read, "How long each domain controller took to answer lately, as each node saw it; - where it did not answer.",
        [new("domainController", "DC"), new("forest", "forest"), new("lastAt", "last step from (UTC)"), new("milliseconds", "ms in each 5 s")])
    {
        Arguments = [CourseArgument.Steps],
        IsForEveryNode = true,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(CommandStep.Of(
        from each in history.Read()
        orderby each.Forest, each.Name
        let shown = each.Course.Newest((int)call.Line.Number(CourseArgument.Steps.Name))
        select new[] { each.Name, each.Forest, Plain.Time(shown.LastAt), shown.Write() }));
}
