using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Accounts that are locked now.</summary>
internal sealed class LockoutsList(Lockouts lockouts, ForestRows forests) : OperatorCommand(
    new("lockouts", "list", OperatorRole.Read, "Accounts that are locked now, for which sources and until when.", Lockouts.Columns)
    {
        Arguments = [Lockouts.Forest, Lockouts.Limit],
        IsForEveryNode = true,
        SortedBy = "failures",
    })
{
    public override IEnumerable<string> Suggest(string argument) => argument == Lockouts.Forest.Name ? forests.Names : [];

    public override Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline) => lockouts.FindAsync(call, isLockedOnly: true, deadline);
}
