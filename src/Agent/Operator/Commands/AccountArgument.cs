using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Operator.Commands;

/// <summary>The account that a command is about.</summary>
internal static class AccountArgument
{
    public static readonly ArgumentDefinition Definition = new("account", "A name as the person types it, or the account as the log names it.")
    {
        IsRequired = true,
    };
}
