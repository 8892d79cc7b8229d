using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Accounts with the most failures, locked or not.</summary>
internal sealed class LockoutsTop(Lockouts lockouts, ForestRows forests) : OperatorCommand(
    new("lockouts", "top", OperatorRole.Read, "Accounts with the most failures that are not forgiven, locked or not.", Lockouts.Columns)
    {
        Arguments = [Lockouts.Forest, Lockouts.Limit],
        IsForEveryNode = true,
        SortedBy = "failures",
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == Lockouts.Forest.Name ? forests.Names : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => lockouts.FindAsync(call, isLockedOnly: false, deadline);
}
