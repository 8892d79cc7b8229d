using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Which domain controller is slow, and which is out?</summary>
internal sealed class DcList(ControllerRows controllers) : OperatorCommand(
    new("dc", "list", OperatorRole.Read, "The domain controllers as each node sees them: health, how long they take to answer, and which are taken out.", ControllerRows.Columns)
    {
        IsForEveryNode = true,
    })
{
    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(CommandStep.Of(controllers.Of(_ => true)));
}
