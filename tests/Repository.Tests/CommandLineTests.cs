using System.Text.RegularExpressions;

namespace Passthrough.Repository.Tests;

/// <summary>The command lines that pages show are ones that the programs understand: every command, argument and option is there.</summary>
public partial class CommandLineTests
{
    private const string Programs = "pbm|passthrough-agent|passthrough-gateway";

    private static IEnumerable<string> Pages => Tree.Files.Where(path =>
        path.EndsWith(".md", StringComparison.Ordinal)
        && (path == "README.md" || path.StartsWith("docs/", StringComparison.Ordinal) || path.StartsWith("ops/runbooks/", StringComparison.Ordinal)));

    [Fact]
    public async Task Commands_that_pages_show_exist()
    {
        var shown = Pages.SelectMany(Shown).ToList();
        var faults = new List<string>();
        foreach (var (at, words, isWhole) in shown)
        {
            if (await CommandSyntax.FaultOfAsync(words, isWhole) is { } fault)
            {
                faults.Add($"{at}: {string.Join(' ', words)}: {fault}");
            }
        }

        House.Holds(faults);
        Assert.All(Programs.Split('|'), program => Assert.True(shown.Count(each => each.Words[0] == program) > 10, $"few lines with {program} were found"));
    }

    /// <summary>So that the rule cannot pass by finding nothing wrong with anything.</summary>
    [Theory]
    [InlineData("pbm cluster shwo", "shwo")]
    [InlineData("pbm account show", "ACCOUNT")]
    [InlineData("pbm account show anna@corp.example another", "another")]
    [InlineData("pbm dc eject dc1 --fro 1h --reason x", "--fro")]
    [InlineData("pbm dc eject dc1 --for 1h", "--reason")]
    [InlineData("pbm dc eject dc1 --for", "--for")]
    [InlineData("pbm help acount", "acount")]
    [InlineData("passthrough-agent start", "start")]
    [InlineData("passthrough-agent route", "NAME")]
    [InlineData("passthrough-gateway agent revoke", "AGENT-ID")]
    [InlineData("passthrough-gateway agent list now", "now")]
    [InlineData("passthrough-gateway token create", "--tenant")]
    [InlineData("passthrough-gateway token create --tenant x --days 3", "--days")]
    public async Task A_line_that_is_wrong_is_found(string line, string what) =>
        Assert.Contains(what, await CommandSyntax.FaultOfAsync(Words(line), isWhole: true), StringComparison.Ordinal);

    /// <summary>Each command line of a page: in a block of <c>console</c> or <c>sh</c> or an indented one it is whole, in a sentence
    /// it may lack its arguments.</summary>
    private static IEnumerable<(string At, List<string> Words, bool IsWhole)> Shown(string path)
    {
        var fence = "";
        foreach (var (text, number) in Tree.Read(path).Split('\n').Select((text, i) => (text.TrimEnd(), i + 1)))
        {
            if (text.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                fence = fence.Length > 0 ? "" : text.Trim() + " ";
                continue;
            }

            var isWhole = fence.Length > 0 || Indented().IsMatch(text);
            var pieces = (fence.Trim(), isWhole) switch
            {
                ("```console", _) => text.StartsWith("$ ", StringComparison.Ordinal) ? [text[2..]] : [],
                ("```sh" or "```bash" or "", true) => [text],
                ("", false) => Span().Matches(text).Select(match => match.Groups[1].Value),
                _ => Enumerable.Empty<string>(),
            };
            foreach (var words in pieces.SelectMany(Commands))
            {
                yield return ($"{path}:{number}", words, isWhole);
            }
        }
    }

    /// <summary>Of a line of the shell those that begin with one of our programs.</summary>
    private static IEnumerable<List<string>> Commands(string line) =>
        from part in Between().Split(line)
        let words = Words(part).SkipWhile(word => word == "sudo" || Assignment().IsMatch(word)).ToList()
        where words.Count > 0 && Programs.Split('|').Contains(words[0])
        select words;

    /// <summary>As a shell splits them, up to a comment.</summary>
    private static List<string> Words(string line) =>
        [.. Word().Matches(line).Select(match => match.Value.Trim('"', '\'')).TakeWhile(word => word != "#").Where(word => word.Length > 0 && word[0] != '>')];

    [GeneratedRegex($"^ {{4,}}({Programs}) ")]
    private static partial Regex Indented();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\s+(?:\|\|?|&&|;)\s+|;\s+|\$\(")]
    private static partial Regex Between();

    [GeneratedRegex("^[A-Z_]+=")]
    private static partial Regex Assignment();

    [GeneratedRegex("""(?:"[^"]*"|'[^']*'|[^\s"'])+""")]
    private static partial Regex Word();
}
