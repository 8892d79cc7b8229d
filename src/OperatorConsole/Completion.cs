using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>What may stand where the cursor is, from what the node says that it offers.</summary>
internal static class Completion
{
    /// <param name="before">Whole words before it.</param>
    /// <param name="begun">The beginning of the word.</param>
    public static IReadOnlyList<string> Of(PalettesReply node, IReadOnlyList<string> before, string begun) =>
        [.. Candidates(node, before).Where(each => each.StartsWith(begun, StringComparison.OrdinalIgnoreCase)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What all of them begin with.</summary>
    public static string Common(IReadOnlyList<string> candidates) => candidates.Aggregate((one, other) =>
        one[..one.Zip(other).TakeWhile(pair => char.ToUpperInvariant(pair.First) == char.ToUpperInvariant(pair.Second)).Count()]);

    private static IEnumerable<string> Candidates(PalettesReply node, IReadOnlyList<string> before)
    {
        if (before is ["help", ..])
        {
            return Candidates(node, [.. before.Skip(1)]).Where(each => before.Count < 3 && each[0] != '-');
        }

        if (before.Count == 0)
        {
            return node.Commands.Select(command => command.Palette).Concat(["help", "exit"]);
        }

        var palette = node.Commands.Where(command => command.Palette == before[0]).ToList();
        var command = palette.Find(each => each.Name.Length == 0 || (before.Count > 1 && each.Name == before[1]));
        if (command is null)
        {
            return before.Count == 1 ? palette.Select(each => each.Name) : [];
        }

        var last = command.Arguments.FirstOrDefault(each => !each.Flag && each.Switches.Contains(before[^1]));
        return last is not null ? last.Suggestions
            : command.Arguments.Where(each => each.Switches.Count == 0).SelectMany(each => each.Suggestions)
                .Concat(command.Arguments.SelectMany(each => each.Switches.TakeLast(1)).Append("--json"))
                .Where(each => !before.Contains(each));
    }
}
