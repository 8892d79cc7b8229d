using Passthrough.Decisions.Instances;

namespace Passthrough.Decisions.Tests.Instances;

/// <summary>Which instances live, by what was seen of their beats; and which of them agents are told of.</summary>
public class InstanceRollTests
{
    private static readonly Dictionary<string, SeenBeat> Nothing = [];

    /// <summary>Looks, one a line of the table: seconds and what the database has, as a=1 for instance a with beat 1.</summary>
    [Theory]
    [InlineData("0:me=1", "")]
    [InlineData("0:me=1 a=7", "a")]
    [InlineData("0:me=1 a=7|9.9:me=2 a=7", "a")]
    [InlineData("0:me=1 a=7|10:me=2 a=7", "")]
    [InlineData("0:me=1 a=7|9:me=2 a=8|18.9:me=3 a=8", "a")]
    [InlineData("0:me=1 a=7|9:me=2 a=8|19:me=3 a=8", "")]
    [InlineData("0:me=1 a=7|20:me=2 a=7|30:me=3 a=6", "a")]
    [InlineData("0:me=1 b=1 a=1", "a b")]
    [InlineData("0:me=1 a=7|20:me=2 a=7|21:me=3|22:me=4 a=7", "a")]
    public void An_instance_lives_while_its_beat_moves(string looks, string others)
    {
        IReadOnlyDictionary<string, SeenBeat> seen = Nothing;
        var now = TimeSpan.Zero;
        foreach (var look in looks.Split('|').Select(each => each.Split(':')))
        {
            now = TimeSpan.FromSeconds(double.Parse(look[0], System.Globalization.CultureInfo.InvariantCulture));
            seen = InstanceRoll.Follow(seen, look[1].Split(' ').Select(row => (row[..row.IndexOf('=', StringComparison.Ordinal)], (long)(row[^1] - '0'))), now);
        }

        Assert.Equal(others, string.Join(' ', InstanceRoll.Others(seen, "me", now)));
    }

    [Theory]
    [InlineData("", "b a me", "a b me")]
    [InlineData("", "me", "me")]
    [InlineData("x w", "b a me", "x w")]
    public void Agents_are_told_what_is_configured_or_else_of_all(string configured, string known, string told) =>
        Assert.Equal(
            told,
            string.Join(' ', InstanceRoll.StreamAddresses(
                configured.Split(' ', StringSplitOptions.RemoveEmptyEntries), known.Split(' '), "me")));

    [Fact]
    public void Of_too_many_instances_each_tells_of_itself()
    {
        var known = Enumerable.Range(10, 40).Select(i => $"i{i}").ToList();
        var told = InstanceRoll.StreamAddresses([], known, "i49");
        Assert.Equal(InstanceRoll.MostAddresses, told.Count);
        Assert.Contains("i49", told);
        Assert.Equal(told.Order(StringComparer.Ordinal), told);
    }
}
