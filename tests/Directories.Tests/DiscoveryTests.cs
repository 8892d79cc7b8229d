using Passthrough.Decisions.Routing;
using Passthrough.Directories.Location;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests;

/// <summary>What is found in DNS and in the directory, of made forests; DNS is a server of the test.</summary>
public sealed class DiscoveryTests
{
    [Fact]
    public async Task A_forest_of_200_domains_500_suffixes_and_1000_controllers_is_discovered_whole()
    {
        var made = new MadeForest();
        await using var bench = new ForestBench(servers: 1, script: servers => servers[0].Script = made.Answer);
        var reply = await bench.Directory.ReadNamesAsync(Peer.Soon);
        var names = Assert.IsType<ForestNames>(reply.Names);
        Assert.Equal(made.Domains, names.Domains.Select(domain => domain.DnsName));
        Assert.Equal(made.Domains.Select(MadeForest.NetBiosNameOf), names.Domains.Select(domain => domain.NetBiosName.ToUpperInvariant()));
        Assert.Equal(made.Suffixes, names.UpnSuffixes);
        Assert.Equal(20, names.Trusts.Length);

        var accepted = AcceptedNames.Configured(MadeForest.Name, "", []).With(names);
        await using var dns = new DnsServer(made.Records);
        var locator = new DomainControllerLocator(bench.Options, dns.Address);
        foreach (var domain in made.Domains)
        {
            var hosts = made.HostsOf(domain);
            var found = await locator.LocateAsync(new ControllerScope(domain), accepted, MadeForest.Site, Peer.Soon);
            Assert.Equal(hosts.Order(StringComparer.Ordinal), found.Select(each => each.Address.Host).Order(StringComparer.Ordinal));
            Assert.Equal(hosts[..(hosts.Length / 2)], found.Where(each => each.Placement.IsInSite).Select(each => each.Address.Host));
            Assert.Equal(hosts[^1], Assert.Single(found, each => each.Placement.IsPdc).Address.Host);
            Assert.All(found, each => Assert.Equal(domain == MadeForest.Name, each.IsGlobalCatalog));
        }

        var catalogs = await locator.LocateAsync(new ControllerScope(MadeForest.Name, IsGlobalCatalog: true), accepted, MadeForest.Site, Peer.Soon);
        Assert.Equal(64, catalogs.Count);
        Assert.All(catalogs, each => Assert.True(each.Placement.IsInSite));
        Assert.All(catalogs, each => Assert.Equal(3268, each.Address.Port)); // The bench is without TLS.
    }

    [Fact]
    public async Task A_controller_is_believed_under_its_own_domains_name_only()
    {
        await using var dns = new DnsServer(new Dictionary<string, SrvAnswer[]>
        {
            ["_ldap._tcp.dc._msdcs.corp.example"] = Hosts("dc1.corp.example", "dc1.emea.corp.example", "mail.evilcorp.example", "dc2.lab.corp.example"),
            ["_ldap._tcp.dc._msdcs.emea.corp.example"] = Hosts("dc1.emea.corp.example", "dc1.corp.example", "emea.corp.example"),
            ["_ldap._tcp.gc._msdcs.corp.example"] = Hosts("dc1.emea.corp.example", "dc1.corp.example", "gc.fabrikam.test", "gc.tree.test"),
        });
        var names = AcceptedNames.Configured("corp.example", "", []).With(new ForestNames(
            "corp.example",
            [new DomainNames("corp.example", "corp"), new DomainNames("emea.corp.example", "emea"), new DomainNames("tree.test", "tree")], [], []));
        await AssertAsync(new ControllerScope("corp.example"), "dc1.corp.example:636", "dc2.lab.corp.example:636");
        await AssertAsync(new ControllerScope("emea.corp.example"), "dc1.emea.corp.example:636");
        await AssertAsync(
            new ControllerScope("corp.example", IsGlobalCatalog: true), "dc1.corp.example:3269", "dc1.emea.corp.example:3269", "gc.tree.test:3269");
        var fault = await Assert.ThrowsAsync<DirectoryFaultException>(() => AssertAsync(new ControllerScope("tree.test")));
        Assert.Contains("no SRV record _ldap._tcp.dc._msdcs.tree.test", fault.Message, StringComparison.Ordinal);

        async Task AssertAsync(ControllerScope scope, params string[] expected)
        {
            var found = await new DomainControllerLocator(new ForestOptions { Name = "corp.example" }, dns.Address)
                .LocateAsync(scope, names, site: "", Peer.Soon);
            Assert.Equal(expected, found.Select(each => $"{each.Address.Host}:{each.Address.Port}"));
        }
    }

    private static SrvAnswer[] Hosts(params string[] hosts) => [.. hosts.Select(host => new SrvAnswer(host))];
}
