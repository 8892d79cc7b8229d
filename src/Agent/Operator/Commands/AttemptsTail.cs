using Passthrough.Agent.Attempts;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Attempts as they end, on all nodes.</summary>
internal sealed class AttemptsTail(AttemptWatch watch, AccountNames names) : OperatorCommand(
    new("attempts", "tail", OperatorRole.Read,
        "Attempts as they end. First the last that signed nobody in; those that succeed are seen from the first look on.", AttemptRows.Columns)
    {
        Arguments =
        [
            new("forest", "Of this forest only.") { Switches = ["-f", "--forest"] },
            new("verdict", "With this verdict only.") { Switches = ["-v", "--verdict"], Suggestions = [.. Enum.GetNames<Verdict>()] },
            new("account", "Of this account only.") { Switches = ["-a", "--account"] },
            new("failures", "Without those that signed somebody in.") { Switches = ["--failures"], Kind = ArgumentKind.Flag }, Tail.Last, Tail.Once,
        ],
        IsForEveryNode = true,
        IsTail = true,
        Layout = RowLayout.Line,
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var (forest, verdict) = (call.Line["forest"], call.Line["verdict"]);
        if (verdict.Length > 0 && !Enum.TryParse<Verdict>(verdict, out _))
        {
            throw new OperatorRefusalException(OperatorRefusal.NotFound, $"{verdict} is no verdict: {string.Join(", ", Enum.GetNames<Verdict>().Take(4))} …");
        }

        var isFailuresOnly = call.Line.Has("failures");
        if (!isFailuresOnly)
        {
            watch.Look();
        }

        var account = call.Line["account"].Length > 0 ? await names.FindAsync(call.Line["account"], deadline) : null;
        return Tail.Step(
            call, watch.Ring,
            each => (forest.Length == 0 || each.Forest.Equals(forest, StringComparison.OrdinalIgnoreCase))
                && (verdict.Length == 0 || each.Verdict?.ToString() == verdict)
                && (!isFailuresOnly || each.Verdict != Verdict.Success)
                && (account is null || each.Account == account),
            AttemptRows.Of);
    }
}
