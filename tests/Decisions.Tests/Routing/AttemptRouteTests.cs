using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;

namespace Passthrough.Decisions.Tests.Routing;

public sealed class AttemptRouteTests
{
    [Theory]
    [InlineData(RouteOutcome.Routed, "corp.example", true, "upn-suffix contoso.com")]
    [InlineData(RouteOutcome.Routed, "CORP.Example", true, "upn-suffix contoso.com")]
    [InlineData(RouteOutcome.Routed, "fabrikam.test", false, "other-forest")]
    [InlineData(RouteOutcome.Excluded, "corp.example", false, "excluded")]
    [InlineData(RouteOutcome.Disabled, "corp.example", false, "disabled")]
    [InlineData(RouteOutcome.Conflict, "corp.example", false, "conflict")]
    public void Only_what_leads_to_the_forest_goes_on_whether_it_has_alternate_IDs_or_not(
        RouteOutcome outcome, string forest, bool goesOn, string rule)
    {
        var route = new Route(outcome, new RouteClaim("corp.example", "contoso.com", RouteRule.UpnSuffix, "test"));
        foreach (var hasAlternateIds in new[] { false, true })
        {
            Assert.Equal(new AttemptRoute(goesOn, rule), AttemptRoute.Of(Name("anna@contoso.com"), route, forest, hasAlternateIds));
        }
    }

    [Theory]
    [InlineData("anna@altmail.example", true, true, "alternate-id")]
    [InlineData("anna@altmail.example", false, false, "no-match")]
    [InlineData("anna", false, true, "bare-name")]
    public void What_nobody_claims_may_be_an_alternate_ID_and_a_bare_name_names_no_forest(
        string name, bool hasAlternateIds, bool goesOn, string rule) =>
        Assert.Equal(new AttemptRoute(goesOn, rule), AttemptRoute.Of(Name(name), default, "corp.example", hasAlternateIds));

    [Theory]
    [InlineData(RouteRule.NetBiosName, "netbios-name corp")]
    [InlineData(RouteRule.DomainName, "dns-name corp")]
    [InlineData(RouteRule.TopLevelName, "top-level-name corp")]
    [InlineData(RouteRule.ExternalTrust, "external-trust corp")]
    public void Every_rule_has_a_word(RouteRule rule, string told) => Assert.Equal(told, new RouteClaim("f", "corp", rule, "").Told);

    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(999, 1_000)]
    [InlineData(1_000, 1_001)]
    [InlineData(5_000, 5_001)]
    public void A_version_is_greater_than_any_before_it_even_if_the_clock_was_set_back(long seen, long next) =>
        Assert.Equal(next, ForestSnapshot.NextVersion(seen, DateTimeOffset.FromUnixTimeMilliseconds(1_000)));

    private static TypedName Name(string text) => TypedName.TryParse(text)!;
}
