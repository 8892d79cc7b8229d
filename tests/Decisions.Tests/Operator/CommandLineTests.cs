using CsCheck;
using Passthrough.Decisions.Operator;

namespace Passthrough.Decisions.Tests.Operator;

public class CommandLineTests
{
    private static readonly CommandDefinition[] Commands =
    [
        new("cluster", "show", OperatorRole.Read, "", []),
        new("route", "", OperatorRole.Read, "", []) { Arguments = [new("name", "") { IsRequired = true }] },
        new("dc", "eject", OperatorRole.Operate, "", [])
        {
            Arguments =
            [
                new("dc", "") { IsRequired = true },
                new("for", "") { Switches = ["--for"], Kind = ArgumentKind.Duration, Default = "1h", Least = 1, Most = 86_400 },
            ],
            IsForEveryNode = true,
        },
        new("actor", "hierarchy", OperatorRole.Read, "", [])
        {
            Arguments =
            [
                new("depth", "") { Switches = ["-d", "--depth"], Kind = ArgumentKind.Number, Default = "2", Least = 1, Most = 10 },
                new("all", "") { Switches = ["--all"], Kind = ArgumentKind.Flag },
            ],
        },
        new("agents", "drain", OperatorRole.Operate, "", []) { Arguments = [new("node", "") { IsRequired = true }], IsForEveryNode = true },
    ];

    private static readonly string[] Known = ["cluster", "show", "dc", "eject", "--reason", "--for", "-n", "5m", "actor", "hierarchy", "-d", "--all", "route", ""];

    [Theory]
    [InlineData("cluster show", "cluster show"), InlineData(@"route CORP\anna", @"route name=CORP\anna")]
    [InlineData("dc eject dc1 --reason slow", "dc eject dc=dc1 for=1h reason=slow"), InlineData("dc eject --reason --for --for 5m dc1", "dc eject dc=dc1 for=5m reason=--for")]
    [InlineData("dc eject dc1 -n agent-2 --reason x", "dc eject dc=dc1 for=1h node=agent-2 reason=x")]
    [InlineData("actor hierarchy", "actor hierarchy depth=2"), InlineData("actor hierarchy --all -d 3", "actor hierarchy all=--all depth=3")]
    [InlineData("agents drain agent-1 --reason x", "agents drain node=agent-1 reason=x"), InlineData("route -", "route name=-")]
    public void What_is_a_command_is_understood(string text, string understood)
    {
        var (line, fault) = CommandLine.Parse(Commands, text.Split(' '));
        Assert.Equal("", fault);
        Assert.Equal(understood, string.Join(' ', line!.Values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}").Prepend(line.Command.Title)));
    }

    [Theory]
    [InlineData("", "there is no command : try help"), InlineData("clutser show", "there is no command clutser: try help")]
    [InlineData("cluster", "cluster has show: try help cluster"), InlineData("cluster explode", "cluster has show: try help cluster")]
    [InlineData("cluster show more", "more is not expected: try help cluster show"), InlineData("cluster show --loud", "--loud is not expected: try help cluster show")]
    [InlineData("route", "NAME is missing: try help route"), InlineData("dc eject dc1", "--reason is missing: try help dc eject")]
    [InlineData("dc eject dc1 --reason", "--reason needs a value: try help dc eject"), InlineData("dc eject dc1 --reason x --reason y", "--reason is given twice: try help dc eject")]
    [InlineData("dc eject dc1 --for 2d --reason x", "--for is 2d: must be a time as 30s, 5m, 1h or 1d, 1 to 86400 s: try help dc eject")]
    [InlineData("dc eject dc1 --for soon --reason x", "--for is soon: must be a time as 30s, 5m, 1h or 1d, 1 to 86400 s: try help dc eject")]
    [InlineData("actor hierarchy -d 0", "--depth is 0: must be 1 to 10: try help actor hierarchy"), InlineData("actor hierarchy -d -1", "--depth is -1: must be 1 to 10: try help actor hierarchy")]
    [InlineData("route a\u001bb", "a word holds a control character or is not Unicode"), InlineData("route \uD800", "a word holds a control character or is not Unicode")]
    public void What_is_none_is_refused_in_one_line(string text, string fault) =>
        Assert.Equal((null, fault), CommandLine.Parse(Commands, text.Length == 0 ? [] : text.Split(' ')));

    [Fact]
    public void A_line_is_bounded()
    {
        Assert.StartsWith("the line is too long", CommandLine.Parse(Commands, ["route", new string('a', CommandLine.MaxWordLength + 1)]).Fault, StringComparison.Ordinal);
        Assert.StartsWith("the line is too long", CommandLine.Parse(Commands, [.. Enumerable.Repeat("route", CommandLine.MaxWords + 1)]).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_words_are_there_is_a_line_or_a_fault() =>
        Gen.OneOf(Gen.String, Gen.Int[0, Known.Length - 1].Select(i => Known[i])).Array[0, 8]
            .Sample(words => CommandLine.Parse(Commands, words) is var (line, fault) && (line is null) == (fault.Length > 0));

    [Theory]
    [InlineData("1s", 1L), InlineData("5m", 300L), InlineData("2h", 7_200L), InlineData("1d", 86_400L), InlineData("1", null), InlineData("m", null)]
    [InlineData("-1m", null), InlineData("1.5h", null), InlineData("99999999999s", null), InlineData("1w", null)]
    public void Times_are_a_number_and_a_unit(string text, long? seconds) => Assert.Equal(seconds, CommandLine.ReadSeconds(text));
}
