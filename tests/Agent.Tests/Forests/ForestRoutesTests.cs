using Passthrough.Agent.Forests;
using Passthrough.Decisions.Routing;
using Passthrough.Directories;

namespace Passthrough.Agent.Tests.Forests;

public sealed class ForestRoutesTests
{
    private readonly ForestRoutes _routes = new(
    [
        new ForestOptions { Name = "Corp.Example", NetBiosName = "CORP", Suffixes = { "Contoso.com" } },
        new ForestOptions { Name = "fabrikam.test" },
    ]);

    [Theory]
    [InlineData("corp.example", "corp.example")]
    [InlineData("corp", "corp.example")]
    [InlineData("contoso.com", "corp.example")]
    [InlineData("fabrikam.test", "fabrikam.test")]
    [InlineData("fabrikam", null)]
    public void Before_a_directory_is_heard_the_configured_names_route(string suffix, string? forest) =>
        Assert.Equal(forest, _routes.Table.Find(suffix).Claim?.Forest);

    [Fact]
    public void A_snapshot_replaces_the_names_but_for_the_configured_suffixes()
    {
        var changes = 0;
        _routes.Changed += () => changes++;

        Assert.True(_routes.Accept(Snapshot(7, "new.example")));

        Assert.Equal(1, changes);
        Assert.Equal("new.example contoso.com", string.Join(' ', _routes.Of("CORP.example")!.UpnSuffixes));
        Assert.Equal(("corp.example", "uPNSuffixes in corp.example"), Find("new.example"));
        Assert.Equal(("corp.example", "configuration of corp.example"), Find("contoso.com"));
        Assert.Equal("fabrikam.test", _routes.Table.Find("fabrikam.test").Claim!.Forest);
        Assert.Equal([7L, 0L], _routes.Snapshots.Select(each => each.Version).OrderDescending());
    }

    [Fact]
    public void What_is_older_or_of_a_foreign_forest_changes_nothing()
    {
        _routes.Accept(Snapshot(7, "new.example"));
        _routes.Changed += () => Assert.Fail("nothing has changed");

        Assert.False(_routes.Accept(Snapshot(7, "other.example")));
        Assert.False(_routes.Accept(Snapshot(6, "other.example")));
        Assert.False(_routes.Accept(new ForestSnapshot(new ForestNames("foreign.test", [], [], []), 9, DateTimeOffset.UnixEpoch, "dc")));
        Assert.Equal(RouteOutcome.NoMatch, _routes.Table.Find("other.example").Outcome);
    }

    private (string, string) Find(string suffix) => (_routes.Table.Find(suffix).Claim!.Forest, _routes.Table.Find(suffix).Claim!.Source);

    private static ForestSnapshot Snapshot(long version, string suffix) => new(
        new ForestNames("corp.example", [new DomainNames("corp.example", "corp")], [suffix], []), version, DateTimeOffset.UnixEpoch, "dc1.corp.example");
}
