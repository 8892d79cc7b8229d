using System.Collections.Immutable;
using System.Globalization;

namespace Passthrough.Decisions.Operator;

/// <summary>A command that was understood, with the values of its arguments, each as it was typed or as its default says.</summary>
public sealed record CommandLine(CommandDefinition Command, ImmutableDictionary<string, string> Values)
{
    /// <summary>Words of a line at most.</summary>
    public const int MaxWords = 64;

    /// <summary>UTF-16 units of a word at most.</summary>
    public const int MaxWordLength = 512;

    private static readonly ImmutableDictionary<char, long> Units =
        new Dictionary<char, long> { ['s'] = 1, ['m'] = 60, ['h'] = 3_600, ['d'] = 86_400 }.ToImmutableDictionary();

    /// <summary>Empty: it was not given.</summary>
    public string this[string argument] => Values.GetValueOrDefault(argument, "");

    public bool Has(string flag) => Values.ContainsKey(flag);

    /// <exception cref="InvalidOperationException">It was not given and has no default.</exception>
    public long Number(string argument) => ReadNumber(this[argument]) ?? throw new InvalidOperationException($"{argument} is not there");

    /// <exception cref="InvalidOperationException">It was not given and has no default.</exception>
    public TimeSpan Duration(string argument) =>
        TimeSpan.FromSeconds(ReadSeconds(this[argument]) ?? throw new InvalidOperationException($"{argument} is not there"));

    /// <summary>Reads words, whoever sent them. Switches may stand anywhere after the command's name.</summary>
    /// <returns>The line; or null, and one line for the operator that says what is wrong.</returns>
    public static (CommandLine? Line, string Fault) Parse(IReadOnlyCollection<CommandDefinition> commands, IReadOnlyList<string> words)
    {
        if (words.Count > MaxWords || words.Any(word => word.Length > MaxWordLength))
        {
            return (null, $"the line is too long: {MaxWords} words of {MaxWordLength} characters at most");
        }

        if (words.Any(word => word.EnumerateRunes().Any(rune => System.Text.Rune.IsControl(rune) || rune == System.Text.Rune.ReplacementChar)))
        {
            return (null, "a word holds a control character or is not Unicode");
        }

        if (words.Count == 0 || commands.All(each => each.Palette != words[0]))
        {
            return (null, $"there is no command {(words.Count == 0 ? "" : words[0])}: try help");
        }

        var known = commands.Where(each => each.Palette == words[0]).ToList();
        var command = known.Find(each => each.Name.Length == 0) ?? known.Find(each => words.Count > 1 && each.Name == words[1]);
        return command is null
            ? (null, $"{words[0]} has {string.Join(", ", known.Select(each => each.Name))}: try help {words[0]}")
            : Read(command, [.. words.Skip(command.Name.Length == 0 ? 1 : 2)]);
    }

    /// <summary>A number and a unit, in seconds; null if it is none.</summary>
    public static long? ReadSeconds(string text) =>
        text.Length is > 1 and < 10 && Units.TryGetValue(text[^1], out var unit) && ReadNumber(text[..^1]) is { } count ? count * unit : null;

    private static (CommandLine?, string) Read(CommandDefinition command, ImmutableArray<string> words)
    {
        var values = ImmutableDictionary.CreateBuilder<string, string>();
        var places = new Queue<ArgumentDefinition>(command.AllArguments.Where(each => each.Switches.IsEmpty));
        for (var i = 0; i < words.Length; i++)
        {
            var isSwitch = words[i].Length > 1 && words[i][0] == '-';
            var argument = isSwitch ? command.AllArguments.FirstOrDefault(each => each.Switches.Contains(words[i]))
                : places.TryDequeue(out var next) ? next : null;
            if (argument is null)
            {
                return Wrong(command, $"{words[i]} is not expected");
            }

            if (isSwitch && argument.Kind != ArgumentKind.Flag && ++i == words.Length)
            {
                return Wrong(command, $"{words[^1]} needs a value");
            }

            if (Fault(argument, words[i]) is { } fault)
            {
                return Wrong(command, fault);
            }

            if (!values.TryAdd(argument.Name, words[i]))
            {
                return Wrong(command, $"{Label(argument)} is given twice");
            }
        }

        foreach (var argument in command.AllArguments.Where(each => !values.ContainsKey(each.Name)))
        {
            if (argument.IsRequired)
            {
                return Wrong(command, $"{Label(argument)} is missing");
            }

            if (argument.Default.Length > 0)
            {
                values[argument.Name] = argument.Default;
            }
        }

        return (new CommandLine(command, values.ToImmutable()), "");
    }

    private static (CommandLine?, string) Wrong(CommandDefinition command, string fault) => (null, $"{fault}: try help {command.Title}");

    private static string? Fault(ArgumentDefinition argument, string word)
    {
        var value = argument.Kind switch
        {
            ArgumentKind.Number => ReadNumber(word),
            ArgumentKind.Duration => ReadSeconds(word),
            _ => argument.Least,
        };
        return value >= argument.Least && value <= argument.Most ? null
            : argument.Kind == ArgumentKind.Number ? $"{Label(argument)} is {word}: must be {argument.Least} to {argument.Most}"
            : $"{Label(argument)} is {word}: must be a time as 30s, 5m, 1h or 1d, {argument.Least} to {argument.Most} s";
    }

    private static long? ReadNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? number : null;

    private static string Label(ArgumentDefinition argument) =>
        argument.Switches.IsEmpty ? argument.Name.ToUpperInvariant() : argument.Switches[^1];
}
