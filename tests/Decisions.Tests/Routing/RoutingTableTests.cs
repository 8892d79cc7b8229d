using System.Collections.Immutable;
using Passthrough.Decisions.Routing;
using static Passthrough.Decisions.Routing.ForestTrustRecord;

namespace Passthrough.Decisions.Tests.Routing;

public sealed class RoutingTableTests
{
    private const uint Uplevel = 2, Both = 3, ForestTransitive = 8;

    private static readonly ForestNames Corp = new(
        "corp.example",
        [new("corp.example", "corp"), new("child.corp.example", "child")],
        ["contoso.com", "shared.example"],
        [Trust("fabrikam.test", "fabrikam", ForestTrustInformationTests.Parse(ForestTrustInformationTests.OfFabrikam))]);

    private static readonly ForestNames Fabrikam = new(
        "fabrikam.test",
        [new("fabrikam.test", "fabrikam")],
        ["brand-b.example", "shared.example"],
        [Trust("corp.example", "corp", ForestTrustInformationTests.Parse(ForestTrustInformationTests.OfCorp))]);

    /// <summary>Both forests are asked, or one is and knows the other by its trust: the same but for what the other side
    /// excludes.</summary>
    [Theory]
    [InlineData("corp.example", "corp.example", "corp.example", RouteRule.DomainName)]
    [InlineData("CORP.Example", "corp.example", "corp.example", RouteRule.DomainName)]
    [InlineData("child.corp.example", "corp.example", "child.corp.example", RouteRule.DomainName)]
    [InlineData("x.child.corp.example", "corp.example", "child.corp.example", RouteRule.DomainName)]
    [InlineData("other.corp.example", "corp.example", "corp.example", RouteRule.DomainName)]
    [InlineData("corp", "corp.example", "corp.example", RouteRule.NetBiosName)]
    [InlineData("CHILD", "corp.example", "child.corp.example", RouteRule.NetBiosName)]
    [InlineData("contoso.com", "corp.example", null, RouteRule.UpnSuffix)]
    [InlineData("eu.contoso.com", "corp.example", null, RouteRule.UpnSuffix)]
    public void A_name_leads_to_its_forest_and_domain(string suffix, string forest, string? domain, RouteRule rule)
    {
        foreach (var table in new[] { RoutingTableBuilder.Build([Corp, Fabrikam]), RoutingTableBuilder.Build([Corp]) })
        {
            var route = table.Find(suffix);
            Assert.Equal((RouteOutcome.Routed, forest, domain, rule), (route.Outcome, route.Claim!.Forest, route.Domain, route.Claim.Rule));
        }
    }

    [Theory]
    [InlineData("fabrikam.test", "fabrikam.test", RouteRule.TopLevelName)]
    [InlineData("sub.fabrikam.test", "fabrikam.test", RouteRule.TopLevelName)]
    [InlineData("brand-b.example", null, RouteRule.TopLevelName)]
    [InlineData("fabrikam", "fabrikam.test", RouteRule.NetBiosName)]
    public void A_trusted_forest_is_known_by_what_the_trust_says(string suffix, string? domain, RouteRule rule)
    {
        var route = RoutingTableBuilder.Build([Corp]).Find(suffix);
        Assert.Equal(
            (RouteOutcome.Routed, "fabrikam.test", domain, rule), (route.Outcome, route.Claim!.Forest, route.Domain, route.Claim.Rule));
    }

    [Theory]
    [InlineData("evilcorp.example", RouteOutcome.NoMatch)]
    [InlineData("xcorp.example", RouteOutcome.NoMatch)]
    [InlineData("example", RouteOutcome.NoMatch)]
    [InlineData("corp.example.evil", RouteOutcome.NoMatch)]
    [InlineData("ᴄorp.example", RouteOutcome.NoMatch)]
    [InlineData("", RouteOutcome.NoMatch)]
    [InlineData(".", RouteOutcome.NoMatch)]
    [InlineData("sub.contoso.com", RouteOutcome.Excluded)]
    [InlineData("a.sub.contoso.com", RouteOutcome.Excluded)]
    [InlineData("shared.example", RouteOutcome.Disabled)]
    [InlineData("x.shared.example", RouteOutcome.Disabled)]
    public void A_name_that_leads_nowhere_says_why(string suffix, RouteOutcome outcome) =>
        Assert.Equal(outcome, RoutingTableBuilder.Build([Corp, Fabrikam]).Find(suffix).Outcome);

    [Fact]
    public void A_suffix_of_two_forests_is_routed_to_neither_and_reported()
    {
        var table = RoutingTableBuilder.Build([Corp with { Trusts = [] }, Fabrikam with { Trusts = [] }]);
        Assert.Equal(RouteOutcome.Conflict, table.Find("shared.example").Outcome);
        Assert.Equal(RouteOutcome.Conflict, table.Find("x.shared.example").Outcome);
        Assert.Equal<string>(["shared.example is claimed by corp.example and fabrikam.test; it routes to neither"], table.Notes);
    }

    [Fact]
    public void An_exclusion_resolves_what_would_be_a_conflict()
    {
        var others = Trust(
            "fabrikam.test", "fabrikam", [new TopLevelName(0, null, "fabrikam.test"), new TopLevelName(0, null, "contoso.com"),
                new Exclusion(0, null, "contoso.com")]);
        var table = RoutingTableBuilder.Build([Corp with { Trusts = [others] }]);
        Assert.Equal("corp.example", table.Find("contoso.com").Claim?.Forest);
        Assert.Equal("fabrikam.test", table.Find("fabrikam.test").Claim?.Forest);
    }

    [Theory]
    [InlineData(1u, Both, ForestTransitive, "of kind 1, not with an Active Directory")]
    [InlineData(Uplevel, 1u, ForestTransitive, "only they trust us")]
    public void A_trust_that_cannot_be_used_is_left_out_and_reported(uint kind, uint direction, uint attributes, string why)
    {
        var trust = new TrustedDomain("other.test", "other", kind, direction, attributes, [new TopLevelName(0, null, "other.test")]);
        var table = RoutingTableBuilder.Build([Corp with { Trusts = [trust] }]);
        Assert.Equal(RouteOutcome.NoMatch, table.Find("other.test").Outcome);
        Assert.Contains($"trust of corp.example with other.test: {why}; it routes nothing", table.Notes);
    }

    [Fact]
    public void A_trust_whose_information_cannot_be_read_routes_nothing()
    {
        var trust = new TrustedDomain("other.test", "other", Uplevel, Both, ForestTransitive, null, new ForestTrustFault(12, "a record of 255 bytes"));
        var table = RoutingTableBuilder.Build([Corp with { Trusts = [trust] }]);
        Assert.Equal(RouteOutcome.NoMatch, table.Find("other.test").Outcome);
        Assert.Contains("byte 12", Assert.Single(table.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0u, "other", true)]
    [InlineData(0x2u, "other", false)]
    [InlineData(0x0u, "other.test", true)]
    [InlineData(0x0u, "x.other.test", true)]
    public void A_domain_that_is_trusted_by_itself_has_its_own_names(uint attributes, string suffix, bool routed)
    {
        var table = RoutingTableBuilder.Build([Corp with { Trusts = [new("other.test", "other", Uplevel, Both, attributes, null)] }]);
        Assert.Equal(routed, table.Find(suffix).Outcome == RouteOutcome.Routed);
    }

    [Theory]
    [InlineData(3u, 0x8u, "both ways, transitive, everybody may use it, SIDs filtered")]
    [InlineData(2u, 0x18u, "outbound: they sign in here, transitive, selective authentication, SIDs filtered")]
    [InlineData(1u, 0x48u, "inbound: we sign in there, transitive, everybody may use it, SIDs not filtered")]
    [InlineData(0u, 0x5u, "switched off, not transitive, everybody may use it, SIDs filtered")]
    [InlineData(3u, 0x9u, "both ways, not transitive, everybody may use it, SIDs filtered")]
    public void A_trust_is_told_in_words(uint direction, uint attributes, string words) => Assert.Equal(
        "trust with other.test, " + words, RouteExplanation.Of(new TrustedDomain("other.test", "other", Uplevel, direction, attributes, null)));

    private static TrustedDomain Trust(string dnsName, string netBiosName, ImmutableArray<ForestTrustRecord> information) =>
        new(dnsName, netBiosName, Uplevel, Both, ForestTransitive, information);
}
