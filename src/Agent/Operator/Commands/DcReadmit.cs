using Passthrough.Agent.Forests;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Ends an ejection.</summary>
internal sealed class DcReadmit(SiteForests forests, ControllerRows controllers) : OperatorCommand(
    new("dc", "readmit", OperatorRole.Operate, "Gives a domain controller work again that was taken out.", ControllerRows.Columns)
    {
        Arguments = [ControllerRows.Name],
        IsForEveryNode = true,
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == ControllerRows.Name.Name ? controllers.Names : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var name = call.Line[ControllerRows.Name.Name];
        forests.Readmit(name);
        return Task.FromResult(CommandStep.Of(controllers.Of(name)));
    }
}
