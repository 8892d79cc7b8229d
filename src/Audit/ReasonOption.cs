using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Audit;

/// <summary><c>--reason</c>: why somebody runs a command, as the audit log has it.</summary>
public static class ReasonOption
{
    private const string Name = "--reason";

    /// <param name="isRequired">For what takes something away, or changes what is enforced.</param>
    public static Option<string?> Create(bool isRequired)
    {
        var option = new Option<string?>(Name) { Description = "Why; it is recorded.", Required = isRequired };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (string.IsNullOrWhiteSpace(text) || Encoding.UTF8.GetByteCount(text) > LockoutProtocol.MaxReasonBytes))
            {
                result.AddError($"{Name} must say why, in {LockoutProtocol.MaxReasonBytes} bytes at most");
            }
        });
        return option;
    }

    /// <returns>Null: it was not given, or the command takes none.</returns>
    public static string? Of(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.FirstOrDefault(each => each.Name == Name) is Option<string?> option ? parsed.GetValue(option) : null;

    /// <summary>The command as it was typed, but for its reason, which has a place of its own in a record.</summary>
    public static string WithoutIt(ParseResult parsed)
    {
        var tokens = parsed.Tokens;
        return string.Join(' ', tokens.Where((token, i) => !IsName(token) && (i == 0 || !IsName(tokens[i - 1]))).Select(token => token.Value));
    }

    private static bool IsName(Token token) => token.Type == TokenType.Option && token.Value == Name;
}
