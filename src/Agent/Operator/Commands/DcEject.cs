using Passthrough.Agent.Forests;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Takes a domain controller out for a time.</summary>
internal sealed class DcEject(SiteForests forests, ControllerRows controllers) : OperatorCommand(
    new("dc", "eject", OperatorRole.Operate,
        "Takes a domain controller out for a time, on every node that runs now: it gets work only if no other is healthy. A restart readmits it.",
        ControllerRows.Columns)
    {
        Arguments =
        [
            ControllerRows.Name,
            new("for", "How long.") { Switches = ["--for"], Kind = ArgumentKind.Duration, Default = "1h", Least = 1, Most = 7 * 86_400, Suggestions = ["10m", "1h", "1d"] },
        ],
        IsForEveryNode = true,
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == ControllerRows.Name.Name ? controllers.Names : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var name = call.Line[ControllerRows.Name.Name];
        forests.Eject(name, call.Line.Duration("for"));
        return Task.FromResult(CommandStep.Of(controllers.Of(name)));
    }
}
