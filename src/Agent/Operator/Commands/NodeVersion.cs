using System.Runtime.InteropServices;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Of the program on each node.</summary>
internal sealed class NodeVersion : OperatorCommand
{
    private readonly string _since;

    public NodeVersion(TimeProvider clock)
        : base(new("version", "", OperatorRole.Read, "The program that runs on each node.",
            [new("version", "version"), new("runtime", "runtime"), new("system", "system"), new("since", "runs since (UTC)")])
        {
            IsForEveryNode = true,
        }) => _since = Plain.Time(clock.GetUtcNow());

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => Task.FromResult(CommandStep.Of([
    [
        AgentCommand.ProgramVersion, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, _since,
    ]]));
}
