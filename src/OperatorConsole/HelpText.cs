using Google.Protobuf;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>Help, from what the node says that it offers.</summary>
internal static class HelpText
{
    private static readonly JsonFormatter Definitions = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    /// <param name="about">Nothing, a palette, or a palette and a command.</param>
    /// <returns>Null: there is no such command.</returns>
    public static string? Of(PalettesReply node, IReadOnlyList<string> about)
    {
        var meant = Meant(node, about);
        return meant.Count == 0 ? null
            : meant.Count == 1 && about.Count > 0 ? One(meant[0])
            : string.Join('\n', meant.Select(Line)) + "\n\n" + Ending(node, about);
    }

    /// <summary>The definitions as the node gives them, one JSON object a line; null: there is no such command.</summary>
    public static string? Json(PalettesReply node, IReadOnlyList<string> about) =>
        Meant(node, about) is { Count: > 0 } meant ? string.Join('\n', meant.Select(command => Definitions.Format(command))) : null;

    private static List<OperatorCommand> Meant(PalettesReply node, IReadOnlyList<string> about) => [.. node.Commands.Where(command => about.Count == 0
        || (command.Palette == about[0] && (about.Count == 1 || command.Name == about[1] || command.Name.Length == 0)))];

    private static string Ending(PalettesReply node, IReadOnlyList<string> about) =>
        $"help {(about.Count == 0 ? "PALETTE COMMAND" : $"{about[0]} COMMAND")} tells more of one; --json after a command prints JSON, one object a line.\n"
        + $"{node.Node} knows you as {node.Caller}, who may {(node.MayOperate ? "read and operate" : "read; commands with * need the role operate")}.";

    private static string Line(OperatorCommand command) =>
        RowText.Wrap($"{Title(command)}{(command.Operates ? " *" : "")}".PadRight(30), command.Description);

    private static string One(OperatorCommand command)
    {
        var places = command.Arguments.Where(each => each.Switches.Count == 0).Select(each => each.Required ? Label(each) : $"[{Label(each)}]");
        var switches = command.Arguments.Where(each => each.Switches.Count > 0).Select(each =>
            $"{each.Switches[^1]}{(each.Flag ? "" : $" {Label(each)}")}" is var text && each.Required ? text : $"[{text}]");
        string[] lines =
        [
            RowText.Wrap("", string.Join(' ', [Title(command), .. places, .. switches])),
            "",
            RowText.Wrap("", command.Description + (command.Operates ? " Needs the role operate." : "") + (command.Tails ? " Goes on until Ctrl-C." : "")),
            .. command.Arguments.Select(Argument),
        ];
        return string.Join('\n', lines);
    }

    private static string Argument(OperatorArgument argument) => RowText.Wrap(
        $"  {(argument.Switches.Count > 0 ? string.Join(", ", argument.Switches) : Label(argument))}".PadRight(22),
        argument.Description
        + (argument.Default.Length > 0 ? $" Default {argument.Default}." : "")
        + (argument.Suggestions.Count > 0 ? $" As {string.Join(", ", argument.Suggestions.Take(6))}{(argument.Suggestions.Count > 6 ? " …" : "")}." : ""));

    private static string Label(OperatorArgument argument) => argument.Name.ToUpperInvariant();

    private static string Title(OperatorCommand command) => command.Name.Length == 0 ? command.Palette : $"{command.Palette} {command.Name}";
}
