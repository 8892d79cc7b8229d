using Passthrough.Agent.Connector;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>Ends the locks of an account: in the cluster, and in what the gateways remember.</summary>
internal sealed class AccountUnlock(AccountNames names, PermitDesk desk, GatewayConnector gateways) : OperatorCommand(
    new("account", "unlock", OperatorRole.Operate, "Ends the locks of an account and forgives its failures, in the cluster and at the gateways.", [])
    {
        Arguments = [AccountArgument.Definition],
    })
{
    public override async Task<CommandStep> RunAsync(CommandCall call, CancellationToken deadline)
    {
        var (text, reason) = (call.Line[AccountArgument.Definition.Name], call.Line["reason"]);
        var account = await names.FindAsync(text, deadline);
        if (!await desk.UnlockAsync(account, call.By.Name, reason, deadline))
        {
            throw new OperatorRefusalException(
                OperatorRefusal.Unavailable, $"the account {account} did not answer in time: try again, and see cluster show");
        }

        gateways.TellLockEnded(account);
        return CommandStep.Said($"{text} is unlocked ({account})");
    }
}
