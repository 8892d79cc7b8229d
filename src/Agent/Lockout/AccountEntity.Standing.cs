using Akka.Actor;
using Akka.Cluster;
using Passthrough.Decisions.Lockout;
using static Passthrough.Agent.Operator.OperatorProtocol;

namespace Passthrough.Agent.Lockout;

/// <content>What an operator is told of an account. Changes nothing.</content>
internal sealed partial class AccountEntity
{
    private void TellStanding()
    {
        var self = Cluster.Get(Context.System).SelfAddress;
        var notice = !_account.IsKnown ? "it is a name of nobody: counted in memory only"
            : _isVolatile ? $"the journal is down: counted in memory, with half the budget ({JournalHealth.Runbook})"
            : !_grants.Allowed ? "its node does not hear the majority of the cluster: every permit is written before it is granted"
            : "";
        Sender.Tell(new Standing($"{self.Host}:{self.Port}", notice, AccountStanding.Of(_state, _account, _clock.GetUtcNow(), Policy)));
    }
}
