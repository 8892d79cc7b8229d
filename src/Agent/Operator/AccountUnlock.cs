using Passthrough.Agent.Connector;
using Passthrough.Agent.Forests;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Directories;

namespace Passthrough.Agent.Operator;

/// <summary>Ends the locks of an account that an operator names: in the cluster, and in what the gateways remember.</summary>
internal sealed class AccountUnlock(SiteForests forests, PermitDesk desk, GatewayConnector gateways)
{
    /// <returns>The account, unlocked and stored.</returns>
    /// <exception cref="OperatorRefusalException">It cannot be done; says why, for the operator.</exception>
    public async Task<AccountKey> UnlockAsync(string text, string by, string reason, CancellationToken deadline)
    {
        if (reason.Length == 0 || by.Length == 0)
        {
            throw new OperatorRefusalException(OperatorRefusal.Malformed, "say who asks and why: both are kept in the audit trail");
        }

        var account = AccountKey.TryParse(text) ?? await FindAsync(text, deadline);
        try
        {
            if (!await desk.UnlockAsync(account, by, reason, deadline))
            {
                throw new OperatorRefusalException(
                    OperatorRefusal.Unavailable, $"the account {account} did not answer in time: try again, and see pbm cluster show");
            }
        }
        catch (ArgumentException)
        {
            throw new OperatorRefusalException(
                OperatorRefusal.Malformed,
                $"the reason may have {LockoutProtocol.MaxReasonBytes} bytes and no control characters, the operator's name {LockoutProtocol.MaxNameBytes}");
        }

        gateways.TellLockEnded(account);
        return account;
    }

    private async Task<AccountKey> FindAsync(string text, CancellationToken deadline)
    {
        var name = TypedName.TryParse(text) ?? throw new OperatorRefusalException(
            OperatorRefusal.Malformed, "this is no user name: write user@suffix, DOMAIN\\user, or the account as the audit trail names it");
        var found = new List<AccountKey>();
        foreach (var forest in forests.All)
        {
            switch (await forest.FindAccountAsync(name, deadline))
            {
                case LookupReply.Found one:
                    found.Add(new AccountKey(forest.Forest, one.Account.ObjectGuid));
                    break;
                case LookupReply.NoVerdict none:
                    throw new OperatorRefusalException(
                        OperatorRefusal.Unavailable, $"no domain controller of {forest.Forest} could say who {text} is ({none.Why}): try again");
            }
        }

        return found.Count == 1 ? found[0] : throw new OperatorRefusalException(
            OperatorRefusal.NotFound,
            found.Count == 0
                ? $"no forest of this agent knows {text}; what is counted of a name of nobody ends by itself"
                : $"{text} is an account in each of {string.Join(", ", found.Select(each => each.Forest))}: name it with its domain");
    }
}

/// <summary>Why an operator's command was not carried out.</summary>
internal enum OperatorRefusal
{
    Malformed,
    NotFound,
    Unavailable,
}

/// <summary>Carries the refusal, in words for the operator.</summary>
internal sealed class OperatorRefusalException(OperatorRefusal why, string message) : Exception(message)
{
    public OperatorRefusal Why => why;
}
