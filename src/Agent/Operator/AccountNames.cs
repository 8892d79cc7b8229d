using Passthrough.Agent.Forests;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Directories;

namespace Passthrough.Agent.Operator;

/// <summary>Which account an operator means: as a person types the name, read as a sign-in's is, or as the audit trail has it.</summary>
internal sealed class AccountNames(SiteForests forests)
{
    /// <exception cref="OperatorRefusalException">It cannot be told.</exception>
    public async Task<AccountKey> FindAsync(string text, CancellationToken deadline)
    {
        if (AccountKey.TryParse(text) is { } key)
        {
            return key;
        }

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
