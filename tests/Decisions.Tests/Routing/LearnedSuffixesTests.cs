using System.Collections.Frozen;
using CsCheck;
using Passthrough.Decisions.Routing;

namespace Passthrough.Decisions.Tests.Routing;

public sealed class LearnedSuffixesTests
{
    private const string Corp = "corp.example", Fab = "fabrikam.test";

    /// <summary>Tenant "one" has corp.example and CORP configured for its forest corp.example, and contoso.com for fabrikam.test; the
    /// subtrees corp.example, fabrikam.test and eu.contoso.com are allowed to it. Tenant "two" has two.example, and sub.two.test is
    /// allowed to it.</summary>
    private static readonly (string Name, string Forest)[] Configured =
        [(Corp, Corp), ("corp", Corp), ("contoso.com", Fab), ("both.example", Corp), ("both.example", Fab)];

    private static readonly string[] Allowed = [Corp, Fab, "eu.contoso.com"];

    private static readonly FrozenDictionary<string, string> Owners = new Dictionary<string, string>
    {
        [Corp] = "one",
        ["contoso.com"] = "one",
        ["both.example"] = "one",
        [Fab] = "one",
        ["eu.contoso.com"] = "one",
        ["two.example"] = "two",
        ["sub.two.test"] = "two",
        ["lab.fabrikam.test"] = "two",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData(Corp, "corp.example", null)]
    [InlineData(Corp, "HR.Corp.Example.", null)]
    [InlineData(Corp, "CORP", null)]
    [InlineData(Corp, "both.example", null)]
    [InlineData(Fab, "both.example", null)]
    [InlineData(Fab, "fabrikam.test", LearnedOutcome.Learned)]
    [InlineData(Fab, "a.b.fabrikam.test", LearnedOutcome.Learned)]
    [InlineData(Fab, "FABRIKAM", LearnedOutcome.Learned)]
    [InlineData(Corp, "HRDOM", LearnedOutcome.Learned)]
    [InlineData(Fab, "corp.example", LearnedOutcome.Configured)]
    [InlineData(Fab, "hr.corp.example", LearnedOutcome.Configured)]
    [InlineData(Fab, "corp", LearnedOutcome.Configured)]
    [InlineData(Corp, "contoso.com", LearnedOutcome.Configured)]
    [InlineData(Corp, "us.contoso.com", LearnedOutcome.Configured)]
    [InlineData(Corp, "eu.contoso.com", LearnedOutcome.Learned)]
    [InlineData(Corp, "x.eu.contoso.com", LearnedOutcome.Learned)]
    [InlineData(Corp, "evilfabrikam.test", LearnedOutcome.NotAllowed)]
    [InlineData(Corp, "test", LearnedOutcome.Learned)]
    [InlineData(Corp, "nowhere.invalid", LearnedOutcome.NotAllowed)]
    [InlineData(Corp, "two.example", LearnedOutcome.OfAnotherTenant)]
    [InlineData(Corp, "x.two.example", LearnedOutcome.OfAnotherTenant)]
    [InlineData(Corp, "sub.two.test", LearnedOutcome.OfAnotherTenant)]
    [InlineData(Corp, "two.test", LearnedOutcome.NotAllowed)]
    [InlineData(Fab, "lab.fabrikam.test", LearnedOutcome.OfAnotherTenant)]
    [InlineData(Fab, "x.lab.fabrikam.test", LearnedOutcome.OfAnotherTenant)]
    [InlineData(Fab, "bad..name", LearnedOutcome.NotAName)]
    [InlineData(Fab, "", LearnedOutcome.NotAName)]
    [InlineData(Fab, "fabriKam.tes\u0131", LearnedOutcome.NotAName)]
    public void A_name_is_learned_if_it_is_allowed_and_nobody_elses(string forest, string name, LearnedOutcome? outcome) =>
        Assert.Equal(outcome, Decide([new(forest, 1, [name], true)]).Select(learned => (LearnedOutcome?)learned.Outcome).SingleOrDefault());

    [Fact]
    public void Without_an_allowed_subtree_nothing_is_learned() =>
        Assert.Equal(
            [("fabrikam", LearnedOutcome.NotAllowed), ("fabrikam.test", LearnedOutcome.NotAllowed)],
            LearnedSuffixes.Decide("one", [], [], Owners, [new(Fab, 1, ["fabrikam.test", "FABRIKAM"], true)])
                .Select(name => (name.Name, name.Outcome)));

    [Fact]
    public void What_two_forests_say_leads_to_neither()
    {
        var names = Decide([new(Corp, 1, ["shared.eu.contoso.com", "SHARED"], true), new(Fab, 9, ["Shared.EU.contoso.com", "shared"], true)]);
        Assert.Equal(4, names.Length);
        Assert.All(names, name => Assert.Equal(LearnedOutcome.Conflict, name.Outcome));
    }

    [Theory]
    [InlineData("1+ 2+", "2")]
    [InlineData("2+ 1+", "2")]
    [InlineData("2- 1+", "1")]
    [InlineData("1- 2-", "2")]
    [InlineData("1+ 1+", "1b")]
    public void Of_agents_that_disagree_the_newest_of_the_connected_is_believed(string said, string expected)
    {
        var names = said.Split(' ').Select((text, i) =>
            new NamesSaid(Fab, (ulong)(text[0] - '0'), [$"v{text[0]}{(i == 1 && said[0] == said[3] ? "b" : "")}.fabrikam.test"], text[1] == '+'));
        Assert.Equal([$"v{expected}.fabrikam.test"], Decide(names).Select(name => name.Name));
    }

    /// <summary>Whatever agents say, in whatever order.</summary>
    [Fact]
    public void No_agent_can_bring_a_name_that_is_not_the_tenants()
    {
        string[] labels = ["corp", "example", "fabrikam", "test", "contoso", "com", "eu", "lab", "two", "sub", "x", "both", "", "-"];
        var label = Gen.Int[0, labels.Length - 1].Select(i => labels[i]);
        var name = label.Array[1, 5].Select(some => string.Join('.', some));
        var statement = Gen.Select(Gen.Bool.Select(first => first ? Corp : Fab), Gen.ULong[0, 3], name.Array[0, 8], Gen.Bool)
            .Select((forest, version, names, on) => new NamesSaid(forest, version, names, on));
        statement.Array[0, 6].Sample(
            said =>
            {
                var decided = Decide(said);
                var learned = decided.Where(each => each.Outcome == LearnedOutcome.Learned).ToList();
                Assert.Equal(learned.Count, learned.DistinctBy(each => each.Name).Count());
                foreach (var (one, forest, _) in learned)
                {
                    var isDns = one.Contains('.', StringComparison.Ordinal);
                    Assert.DoesNotContain(Configured, suffix => suffix.Name == one);
                    Assert.Contains(said, each => each.Forest == forest && each.Names.Any(n => NameSuffix.Normalise(n) == one));
                    Assert.Contains(Allowed, subtree => $".{(isDns ? one : forest)}".EndsWith($".{subtree}", StringComparison.Ordinal));
                    Assert.DoesNotContain(
                        Owners.Where(owner => owner.Value == "two"), owner => isDns && $".{one}".EndsWith($".{owner.Key}", StringComparison.Ordinal));
                }

                // In which order the forests are heard makes no difference.
                Assert.Equal<LearnedName>(decided, Decide(said.OrderByDescending(each => each.Forest, StringComparer.Ordinal)));
            },
            iter: 20_000);
    }

    private static System.Collections.Immutable.ImmutableArray<LearnedName> Decide(IEnumerable<NamesSaid> said) =>
        LearnedSuffixes.Decide("one", Configured, Allowed, Owners, said);
}
