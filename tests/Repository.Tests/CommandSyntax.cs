using System.Text.RegularExpressions;
using Passthrough.Agent.Hosting;
using Passthrough.Gateway.Admin;

namespace Passthrough.Repository.Tests;

/// <summary>What one command takes, as its program says itself.</summary>
/// <param name="Places">The names of its positional arguments.</param>
/// <param name="Options">Each with whether it has a value.</param>
/// <param name="Needed">Options that it cannot do without.</param>
/// <param name="Commands">Below it.</param>
internal sealed partial record CommandSyntax(
    IReadOnlyList<string> Places, bool HasManyPlaces, IReadOnlyDictionary<string, bool> Options, IReadOnlyList<string> Needed, IReadOnlyList<string> Commands)
{
    private static readonly Dictionary<string, string> Help = [];
    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>What every command of the console takes, and what stands before it.</summary>
    private static readonly Dictionary<string, bool> OfConsole = new()
    {
        ["--json"] = false,
        ["--help"] = false,
        ["--version"] = false,
        ["--node"] = true,
        ["-n"] = true,
        ["--reason"] = true,
        ["--certificate"] = true,
        ["--ca"] = true,
    };

    /// <summary>The table of the page, which tests/Agent.Tests/Operator/OperatorPageTests.cs holds to be what the agent has: titles,
    /// arguments and roles.</summary>
    private static readonly Lazy<IReadOnlyList<(string Title, CommandSyntax Syntax)>> OfPage = new(() =>
    [
        .. from row in Tree.Read("docs/OPERATOR_CONSOLE.md").Split('\n')
           let match = Row().Match(row)
           where match.Success
           let options = Switch().Matches(match.Groups[2].Value).ToDictionary(each => each.Groups[1].Value, each => each.Groups[2].Length > 0)
           select (match.Groups[1].Value, new CommandSyntax(
               [.. Place().Matches(Switch().Replace(match.Groups[2].Value, "")).Select(each => each.Value)], false,
               OfConsole.Concat(options).ToDictionary(), match.Groups[3].Value == "operate" ? ["--reason"] : [], [])),
    ]);

    /// <param name="words">From the program's name on.</param>
    /// <param name="isWhole">Nothing that is needed may be missing.</param>
    /// <returns>Null: it would be understood.</returns>
    public static async Task<string?> FaultOfAsync(IReadOnlyList<string> words, bool isWhole) =>
        words[0] == "pbm" ? FaultOfConsole([.. words.Skip(1)], isWhole) : await FaultOfProgramAsync(words, isWhole);

    private static string? FaultOfConsole(List<string> words, bool isWhole)
    {
        while (words is ["--certificate" or "--ca", _, ..])
        {
            words.RemoveRange(0, 2);
        }

        if (words is [var address, ..] && Address().IsMatch(address))
        {
            words.RemoveAt(0);
        }

        if (words is ["help", .. var about])
        {
            return about.All(word => word.All(c => !char.IsLower(c))) || OfPage.Value.Any(each => (each.Title + " ").StartsWith(string.Join(' ', about) + " ", StringComparison.Ordinal))
                ? null
                : $"there is no help of {string.Join(' ', about)}";
        }

        if (words.TrueForAll(OfConsole.ContainsKey))
        {
            return null;
        }

        var found = OfPage.Value.FirstOrDefault(each => $"{string.Join(' ', words)} ".StartsWith(each.Title + " ", StringComparison.Ordinal));
        return found.Title is null ? $"there is no command {string.Join(' ', words.Take(2))}" : found.Syntax.FaultOf(new(words.Skip(found.Title.Split(' ').Length)), isWhole);
    }

    private static async Task<string?> FaultOfProgramAsync(IReadOnlyList<string> words, bool isWhole)
    {
        var (at, syntax) = (1, Read(await HelpAsync(words[0], [])));
        while (at < words.Count && syntax.Commands.Contains(words[at]))
        {
            at++;
            syntax = Read(await HelpAsync(words[0], [.. words.Take(at).Skip(1)]));
        }

        return syntax.Commands.Count > 0 && at < words.Count && words[at][0] != '-' ? $"there is no command {words[at]}"
            : syntax.Commands.Count > 0 && isWhole && at == words.Count ? $"one of {string.Join(", ", syntax.Commands)} is missing"
            : syntax.FaultOf(new(words.Skip(at)), isWhole);
    }

    private string? FaultOf(Queue<string> words, bool isWhole)
    {
        var (places, given) = (0, new HashSet<string>());
        while (words.TryDequeue(out var word))
        {
            var (isOption, hasValue) = (Options.TryGetValue(word, out var takesValue), takesValue);
            if (word[0] != '-' ? ++places > Places.Count && !HasManyPlaces : !isOption)
            {
                return word[0] == '-' ? $"there is no option {word}" : $"{word} is one argument too many";
            }

            if (hasValue && !words.TryDequeue(out _))
            {
                return $"{word} lacks its value";
            }

            given.Add(word);
        }

        return !isWhole || given.Contains("--help") ? null
            : places < Places.Count ? $"{Places[places]} is missing"
            : Needed.FirstOrDefault(each => !given.Contains(each)) is { } needed ? $"{needed} is missing"
            : null;
    }

    private static CommandSyntax Read(string help)
    {
        var parts = Part().Matches(help).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var usage = parts.GetValueOrDefault("Usage", "");
        var options = Option().Matches(parts.GetValueOrDefault("Options", "")).ToList();
        return new CommandSyntax(
            [.. Argument().Matches(usage).Select(match => match.Groups[1].Value)], usage.Contains(">...", StringComparison.Ordinal),
            options.SelectMany(match => match.Groups[1].Value.Split(", ").Select(name => (name, match.Groups[2].Length > 0))).ToDictionary(each => each.name, each => each.Item2),
            [.. options.Where(match => match.Groups[3].Length > 0).Select(match => match.Groups[1].Value)],
            [.. Command().Matches(parts.GetValueOrDefault("Commands", "")).Select(match => match.Groups[1].Value)]);
    }

    /// <summary>As the program prints it.</summary>
    private static async Task<string> HelpAsync(string program, string[] command)
    {
        var title = string.Join(' ', [program, .. command]);
        if (!Help.TryGetValue(title, out var help))
        {
            using var output = new StringWriter();
            string[] args = [.. command, "--help"];
            _ = program == AdminCommand.ProgramName
                ? await new AdminCommand(Nothing, TimeProvider.System, output, output).RunAsync(args)
                : await new AgentCommand(Nothing, TimeProvider.System, output, output).RunAsync(args);
            Help[title] = help = output.ToString().ReplaceLineEndings("\n");
        }

        return help;
    }

    [GeneratedRegex(@"^\| `([a-z-]+(?: [a-z-]+)?)([^`]*)` \| (read|operate) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\[(--[a-z-]+)( [A-Z]+)?\]")]
    private static partial Regex Switch();

    [GeneratedRegex("[A-Z]+")]
    private static partial Regex Place();

    [GeneratedRegex(@"/|^[\w.-]+:\d+$")]
    private static partial Regex Address();

    [GeneratedRegex(@"^(\w+):\n(.*?)(?=\n\n|\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Part();

    [GeneratedRegex(@"(?<!\[)<([\w-]+)>")]
    private static partial Regex Argument();

    [GeneratedRegex(@"^  (-\S+(?:, -\S+)*)( <[^>]+>)?(.*\(REQUIRED\))?", RegexOptions.Multiline)]
    private static partial Regex Option();

    [GeneratedRegex(@"^  ([a-z][\w-]*)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
