namespace Passthrough.Decisions.Routing;

/// <summary>That names belong to a forest, and who says so.</summary>
/// <param name="Forest">DNS name of the forest, or of the domain of an external trust.</param>
/// <param name="Name">The name that is claimed.</param>
/// <param name="Source">For people: where it stands in the directory.</param>
/// <param name="WhyDisabled">For people: why it does not route; empty if it does.</param>
public sealed record RouteClaim(string Forest, string Name, RouteRule Rule, string Source, string WhyDisabled = "")
{
    /// <summary>The rule and the name, as answers tell them to those who may know: <c>upn-suffix contoso.com</c>.</summary>
    public string Told { get; } = $"{Word(Rule)} {Name}";

    private static string Word(RouteRule rule) => rule switch
    {
        RouteRule.NetBiosName => "netbios-name",
        RouteRule.DomainName => "dns-name",
        RouteRule.UpnSuffix => "upn-suffix",
        RouteRule.TopLevelName => "top-level-name",
        _ => "external-trust",
    };
}

/// <summary>By which rule a name leads to a forest.</summary>
public enum RouteRule
{
    /// <summary>The name is the NetBIOS name of a domain.</summary>
    NetBiosName = 1,

    /// <summary>The name is the DNS name of a domain of the forest, or under it.</summary>
    DomainName = 2,

    /// <summary>The name is an alternate UPN suffix of the forest, or under it.</summary>
    UpnSuffix = 3,

    /// <summary>The name is a top level name of a forest trust, or under it.</summary>
    TopLevelName = 4,

    /// <summary>The name is the DNS name of a domain that is trusted by itself, or under it.</summary>
    ExternalTrust = 5,
}

/// <summary>Where a name leads, or why nowhere.</summary>
/// <param name="Claim">The claim that decided: also the one that is disabled, excluded, or one of those in conflict.</param>
/// <param name="Domain">DNS name of the domain, if the name says which; null: any domain of the forest.</param>
public readonly record struct Route(RouteOutcome Outcome, RouteClaim? Claim = null, string? Domain = null);

/// <summary>Whether a name leads somewhere, and if not, why not.</summary>
public enum RouteOutcome
{
    /// <summary>No forest claims it.</summary>
    NoMatch = 0,

    Routed = 1,

    /// <summary>Two forests claim it: neither gets it.</summary>
    Conflict = 2,

    /// <summary>The only forests that claim it exclude it.</summary>
    Excluded = 3,

    /// <summary>The only claims to it are disabled.</summary>
    Disabled = 4,
}
