using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Routing;

/// <summary>Why a name goes where it goes, for people.</summary>
public static class RouteExplanation
{
    /// <summary>One line.</summary>
    public static string Of(TypedName name, Route route) => name.Form == NameForm.Bare
        ? "not routed: it names no domain; write user@suffix or DOMAIN\\user"
        : route switch
        {
            { Outcome: RouteOutcome.Routed, Claim: { } claim } =>
                $"{claim.Forest}, {(route.Domain is { } domain ? $"domain {domain}" : "any domain")}, because {Rule(name, claim)} ({claim.Source})",
            { Outcome: RouteOutcome.Conflict, Claim: { } claim } =>
                $"not routed: two forests claim {claim.Name}, one of them {claim.Forest}; take it out of one, or exclude it in the trust",
            { Outcome: RouteOutcome.Excluded, Claim: { } claim } =>
                $"not routed: {claim.Name} would lead to {claim.Forest}, but a trust excludes {name.Suffix} from it",
            { Outcome: RouteOutcome.Disabled, Claim: { } claim } =>
                $"not routed: {claim.Name} of {claim.Forest} is {claim.WhyDisabled} ({claim.Source})",
            _ => $"not routed: no forest has the suffix {name.Suffix}, or a suffix above it",
        };

    /// <summary>What a trust is: its direction, how far it reaches, and who may use it. One line.</summary>
    public static string Of(TrustedDomain trust) => string.Join(", ", new[]
    {
        $"trust with {trust.DnsName}",
        (trust.IsInbound, trust.IsOutbound) switch
        {
            (true, true) => "both ways",
            (false, true) => "outbound: they sign in here",
            (true, false) => "inbound: we sign in there",
            _ => "switched off",
        },
        trust.IsTransitive ? "transitive" : "not transitive",
        trust.IsSelective ? "selective authentication" : "everybody may use it",
        trust.FiltersSids ? "SIDs filtered" : "SIDs not filtered",
    });

    private static string Rule(TypedName name, RouteClaim claim)
    {
        var what = claim.Rule switch
        {
            RouteRule.NetBiosName => "a domain's NetBIOS name",
            RouteRule.DomainName => "a domain's DNS name",
            RouteRule.UpnSuffix => "a UPN suffix",
            RouteRule.TopLevelName => "a name of the trusted forest",
            _ => "the trusted domain's name",
        };
        return name.Suffix.Equals(claim.Name, StringComparison.OrdinalIgnoreCase)
            ? $"{claim.Name} is {what}"
            : $"{name.Suffix} is under {claim.Name}, {what}";
    }
}
