using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Decisions.Tests.ForestHealth;

public sealed class DomainControllerShortlistTests
{
    private static readonly (string Host, Placement Placement)[] Thousand =
        [.. Enumerable.Range(0, 1_000).Select(number => ($"dc{number}.corp.example", new Placement(IsInSite: number < 40, Priority: number < 80 ? 0 : 10)))];

    [Fact]
    public void The_own_site_comes_whole_then_the_lowest_priority()
    {
        var chosen = Choose(Thousand, agent: 1);
        Assert.Equal(64, chosen.Length);
        Assert.All(Thousand[..40], each => Assert.Contains(each, chosen));
        Assert.All(chosen, each => Assert.Equal(0, each.Placement.Priority));
    }

    [Fact]
    public void Agents_take_different_parts_and_each_always_its_own()
    {
        var alike = Thousand[80..];
        var lists = Enumerable.Range(0, 200).Select(agent => Choose(alike, (ulong)agent)).ToList();
        Assert.Equal(lists[7], Choose([.. alike.Reverse()], 7));
        var uses = lists.SelectMany(list => list).CountBy(each => each.Host).ToDictionary();
        Assert.Equal(alike.Length, uses.Count);
        Assert.InRange(uses.Values.Max(), 14, 35); // 14 on average.
    }

    [Fact]
    public void One_that_comes_or_goes_changes_one_place()
    {
        for (var agent = 0UL; agent < 50; agent++)
        {
            var before = Choose(Thousand[80..], agent);
            var after = Choose([.. Thousand[80..].Where(each => each != before[10])], agent);
            Assert.Equal(63, before.Intersect(after).Count());
        }
    }

    [Fact]
    public void The_weight_is_the_chance()
    {
        (string, Placement)[] two = [("heavy.corp.example", new Placement(Weight: 299)), ("light.corp.example", new Placement(Weight: 99))];
        var heavy = Enumerable.Range(0, 10_000).Count(agent => Choose(two, (ulong)agent, max: 1)[0] == two[0]);
        Assert.InRange(heavy, 7_300, 7_700);
    }

    [Fact]
    public void As_many_as_there_is_room_for_are_all_taken() => Assert.Equal(Thousand[..64], Choose(Thousand[..64], 3));

    private static (string Host, Placement Placement)[] Choose((string Host, Placement Placement)[] all, ulong agent, int max = DomainControllerShortlist.Max) =>
        [.. DomainControllerShortlist.Choose(all, each => each, agent, max)];
}
