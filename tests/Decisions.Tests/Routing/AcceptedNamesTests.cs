using Passthrough.Decisions.Routing;

namespace Passthrough.Decisions.Tests.Routing;

public sealed class AcceptedNamesTests
{
    private static readonly AcceptedNames Configured = AcceptedNames.Configured("corp.example", "OLD", ["contoso.com", "straße.example"]);

    private static readonly AcceptedNames Known = Configured.With(new ForestNames(
        "corp.example",
        [new DomainNames("emea.corp.example", "emea"), new DomainNames("corp.example", "corp"), new DomainNames("tree.test", "tree")],
        ["adatum.example", "short", "emea"],
        []));

    [Theory]
    [InlineData("corp.example", SuffixKind.DnsName, "corp.example"), InlineData("CORP.Example", SuffixKind.DnsName, "corp.example")]
    [InlineData("OLD", SuffixKind.NetBiosName, "corp.example"), InlineData("old", SuffixKind.NetBiosName, "corp.example")]
    [InlineData("contoso.com", SuffixKind.UpnSuffix, ""), InlineData("eu.contoso.com", SuffixKind.UpnSuffix, "")]
    [InlineData("STRAßE.example", SuffixKind.UpnSuffix, ""), InlineData("sub.corp.example", SuffixKind.UpnSuffix, "")]
    [InlineData("evilcorp.example", SuffixKind.Foreign, null), InlineData("example", SuffixKind.Foreign, null)]
    [InlineData("sub.old", SuffixKind.Foreign, null), InlineData("", SuffixKind.Foreign, null), InlineData("...", SuffixKind.Foreign, null)]
    [InlineData("adatum.example", SuffixKind.Foreign, null)]
    public void Before_the_directory_was_asked_what_is_configured_holds(string suffix, SuffixKind kind, string? domain) =>
        Assert.Equal((kind, domain), (Configured.Find(suffix).Kind, Configured.Find(suffix).Domain));

    [Theory]
    [InlineData("corp.example", SuffixKind.DnsName, "corp.example"), InlineData("Corp", SuffixKind.NetBiosName, "corp.example")]
    [InlineData("emea.corp.example", SuffixKind.DnsName, "emea.corp.example"), InlineData("EMEA", SuffixKind.NetBiosName, "emea.corp.example")]
    [InlineData("x.emea.corp.example", SuffixKind.UpnSuffix, ""), InlineData("TREE.test", SuffixKind.DnsName, "tree.test")]
    [InlineData("adatum.example", SuffixKind.UpnSuffix, ""), InlineData("short", SuffixKind.UpnSuffix, "")]
    [InlineData("contoso.com", SuffixKind.UpnSuffix, ""), InlineData("old", SuffixKind.Foreign, null)]
    public void Then_its_own_names_hold_and_configured_suffixes_stay(string suffix, SuffixKind kind, string? domain) =>
        Assert.Equal((kind, domain), (Known.Find(suffix).Kind, Known.Find(suffix).Domain));

    [Fact]
    public void The_last_names_replace_the_earlier_ones()
    {
        var later = Known.With(new ForestNames("CORP.example", [], ["new.example"], []));
        Assert.Equal(SuffixKind.Foreign, later.Find("adatum.example").Kind);
        Assert.Equal(SuffixKind.UpnSuffix, later.Find("new.example").Kind);
        Assert.Equal(SuffixKind.UpnSuffix, later.Find("contoso.com").Kind);
        Assert.Equal(("corp", 1), (later.NetBiosName, later.Domains.Length)); // What was known of the root stays if nothing is said.
    }

    [Fact]
    public void The_root_is_first_and_names_that_collide_are_taken_once()
    {
        Assert.Equal(["corp.example", "emea.corp.example", "tree.test"], Known.Domains.Select(domain => domain.DnsName));
        var odd = Configured.With(new ForestNames(
            "corp.example", [new DomainNames("a.test", "same"), new DomainNames("b.test", "same"), new DomainNames("a.test", "c")], ["a.test"], []));
        Assert.Equal("a.test", odd.Find("same").Domain);
        Assert.Equal(SuffixKind.DnsName, odd.Find("a.test").Kind);
    }

    [Fact]
    public void Another_forests_names_are_refused() =>
        Assert.Throws<ArgumentException>(() => Configured.With(new ForestNames("fabrikam.test", [], [], [])));

    [Theory]
    [InlineData("dc1.corp.example", "corp.example"), InlineData("DC1.EMEA.corp.example", "emea.corp.example")]
    [InlineData("dc1.site.corp.example", "corp.example"), InlineData("a.tree.test", "tree.test")]
    [InlineData("emea.corp.example", "corp.example"), InlineData("corp.example", null), InlineData("dc1.evilcorp.example", null)]
    [InlineData("10.0.0.1", null), InlineData("", null), InlineData(".", null), InlineData("dc1", null)]
    public void A_host_belongs_to_the_nearest_domain_above_it(string host, string? domain) => Assert.Equal(domain, Known.DomainOfHost(host));

    [Theory]
    [InlineData("CN=a,CN=Users,DC=corp,DC=example", "corp.example"), InlineData("CN=a,OU=x,dc=EMEA,dc=corp,dc=example", "emea.corp.example")]
    [InlineData("CN=a, DC=tree , DC=test", "tree.test"), InlineData("DC=corp,DC=example", "corp.example")]
    [InlineData("CN=a\\,DC=emea,DC=corp,DC=example", "corp.example"), InlineData("CN=a\\\\,DC=emea,DC=corp,DC=example", "emea.corp.example")]
    [InlineData("CN=a\\\\\\,DC=emea,DC=corp,DC=example", "corp.example"), InlineData("CN=a,DC=inner,DC=corp,DC=example", "corp.example")]
    [InlineData("CN=a,DC=corp,DC=test", null), InlineData("DC=corp,DC=example,CN=a", null), InlineData("", null), InlineData(",", null)]
    [InlineData("DC=", null), InlineData(",,,", null), InlineData("\\,", null)]
    public void An_entry_belongs_to_the_domain_that_its_name_ends_with(string name, string? domain) => Assert.Equal(domain, Known.DomainOfEntry(name));

    [Fact]
    public void A_name_of_a_megabyte_takes_no_time() =>
        Assert.Null(Known.DomainOfEntry(string.Concat(Enumerable.Repeat("DC=corp,DC=example,", 50_000)) + "DC=x"));
}
