using System.Collections.Frozen;
using Passthrough.Decisions.Routing;

namespace Passthrough.Decisions.Tests.Routing;

public class NameSuffixTests
{
    private static readonly FrozenDictionary<string, string> Table =
        new Dictionary<string, string>
        {
            ["corp.example"] = "corp",
            ["eu.corp.example"] = "eu",
            ["example.net"] = "net",
            ["corp"] = "netbios",
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData("corp.example", "corp")]
    [InlineData("CORP.Example", "corp")]
    [InlineData("sub.corp.example", "corp")]
    [InlineData("eu.corp.example", "eu")]
    [InlineData("a.b.eu.corp.example", "eu")]
    [InlineData("CORP", "netbios")]
    [InlineData("sub.corp", null)]
    [InlineData("evilcorp.example", null)]
    [InlineData("corp.example.evil", null)]
    [InlineData("example", null)]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData("çorp.example", null)]
    [InlineData("sub.\u212Borp.example", null)]
    public void The_longest_run_of_whole_labels_wins(string suffix, string? expected) =>
        Assert.Equal(expected, NameSuffix.Match(Table, suffix));

    [Fact]
    public void A_suffix_of_253_characters_is_looked_up_and_one_of_254_is_not()
    {
        var longest = string.Concat(Enumerable.Repeat("a.", 120)) + "z.corp.example";
        longest = longest[^NameSuffix.MaxLength..];
        Assert.Equal("corp", NameSuffix.Match(Table, longest));
        Assert.Null(NameSuffix.Match(Table, "a" + longest));
    }

    [Theory]
    [InlineData("Corp.Example", "corp.example")]
    [InlineData("corp.example.", "corp.example")]
    [InlineData(" CORP ", "corp")]
    [InlineData("a&b", "a&b")]
    [InlineData("sixteen-letters-", null)]
    [InlineData("fifteen-letters", "fifteen-letters")]
    [InlineData("corp..example", null)]
    [InlineData("-corp.example", null)]
    [InlineData("corp-.example", null)]
    [InlineData("corp.exa mple", null)]
    [InlineData("bücher.example", null)]
    [InlineData("corp.example/x", null)]
    [InlineData("", null)]
    public void A_suffix_is_a_DNS_name_or_a_NetBIOS_name(string text, string? expected) =>
        Assert.Equal(expected, NameSuffix.Normalise(text));

    [Theory, InlineData(63, true), InlineData(64, false)]
    public void A_label_has_at_most_63_characters(int length, bool valid) =>
        Assert.Equal(valid, NameSuffix.Normalise(new string('a', length) + ".example") is not null);

    [Fact]
    public void Adding_labels_in_front_never_changes_where_a_name_belongs() =>
        CsCheck.Check.Sample(
            CsCheck.Gen.String[CsCheck.Gen.Char['a', 'z'], 1, 20],
            label => Assert.Equal("net", NameSuffix.Match(Table, label + ".example.net")));
}
