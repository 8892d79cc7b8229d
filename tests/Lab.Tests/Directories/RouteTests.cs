using System.Text.RegularExpressions;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Routing;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>Where names of the lab's two forests lead, by what its domain controllers say.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed partial class RouteTests : IDisposable
{
    private static readonly string[] Suffixes =
    [
        "corp.example", "CORP", "contoso.com", "eu.contoso.com", "sub.contoso.com", "a.sub.contoso.com", "fabrikam.test", "x.fabrikam.test",
        "FABRIKAM", "brand-b.example", "x.brand-b.example", "evilcorp.example", "evilfabrikam.test", "example", "test", "nowhere.invalid",
    ];

    private readonly DirectoryLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Everybody_of_both_forests_is_routed_to_the_forest_that_holds_the_account()
    {
        var table = RoutingTableBuilder.Build([await NamesAsync("corp.example"), await NamesAsync("fabrikam.test")]);
        foreach (var person in LabPeople.All)
        {
            var name = TypedName.TryParse(person.Name)!;
            var route = table.Find(name.Suffix);
            var isShared = name.Suffix == "shared.example";
            Assert.Equal(
                isShared ? (RouteOutcome.Disabled, null) : (RouteOutcome.Routed, person.Domain),
                (route.Outcome, isShared ? null : route.Claim?.Forest));
        }
    }

    /// <summary>A KDC of each forest is asked for enterprise names (RFC 6806 5, 6); what it refers elsewhere the table sends there too,
    /// what it keeps or refuses the table keeps or refuses.</summary>
    [Theory]
    [InlineData("corp.example"), InlineData("fabrikam.test")]
    public async Task A_table_of_one_forest_routes_as_its_KDC_refers(string forest)
    {
        var table = RoutingTableBuilder.Build([await NamesAsync(forest)]);
        foreach (var suffix in Suffixes)
        {
            var route = table.Find(suffix);
            var elsewhere = route.Outcome == RouteOutcome.Routed && route.Claim!.Forest != forest ? route.Claim.Forest : "";
            Assert.Equal((suffix, await ReferralAsync(forest, suffix)), (suffix, elsewhere));
        }
    }

    [Fact]
    public async Task The_trusts_are_read_with_what_they_are()
    {
        var trust = Assert.Single((await NamesAsync("corp.example")).Trusts);
        Assert.Equal(("fabrikam.test", "fabrikam"), (trust.DnsName, trust.NetBiosName));
        Assert.True(trust is { IsUplevel: true, IsInbound: true, IsOutbound: true, IsTransitive: true, IsSelective: false, FiltersSids: true });
    }

    [Fact]
    public async Task An_agent_explains_a_route_in_words()
    {
        var configuration = _lab.File("agent.json");
        await File.WriteAllTextAsync(configuration, System.Text.Json.JsonSerializer.Serialize(new
        {
            StateDirectory = _lab.File("state"),
            Forests = LabForests.WithPasswordIn(_lab.File("password")),
        }));
        var environment = new Dictionary<string, string> { ["PASSTHROUGH_AGENT_CONFIG"] = configuration };
        var (code, output, error) = await ServiceProcess.TryRunAsync(environment, AgentNode.Command("route", "anna@eu.contoso.com"));
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(
            @"^anna@eu\.contoso\.com: corp\.example, any domain, because eu\.contoso\.com is under contoso\.com, a UPN suffix", output);
        Assert.Matches(@"\nasked first: dc\d\.corp\.example: healthy, .*, priority 0, weight 100(, PDC \(spared\))?, global catalog, \d+\.\d ms, 0 under way\n", output);
        Assert.Contains(
            "\ncorp.example: trust with fabrikam.test, both ways, transitive, everybody may use it, SIDs filtered\n", output, StringComparison.Ordinal);
        (code, output, _) = await ServiceProcess.TryRunAsync(environment, AgentNode.Command("route", "x@evilcorp.example"));
        Assert.Equal((1, "x@evilcorp.example: not routed: no forest has the suffix evilcorp.example, or a suffix above it"),
            (code, output.Split('\n')[0]));
    }

    private async Task<ForestNames> NamesAsync(string forest)
    {
        await using var directory = DirectoryLab.Open(_lab.Options(forest));
        var reply = await directory.ReadNamesAsync(DirectoryLab.In(20));
        Assert.Null(reply.Fault);
        return reply.Names!;
    }

    /// <summary>The realm that a KDC of the forest refers a name to that nobody has; empty for none.</summary>
    private static async Task<string> ReferralAsync(string forest, string suffix)
    {
        var environment = new Dictionary<string, string>
        {
            ["KRB5_CONFIG"] = LabPeople.Variable("LAB_KRB5_CONFIG"),
            ["KRB5_TRACE"] = "/dev/stdout",
            ["KRB5CCNAME"] = "MEMORY:",
        };
        var (_, trace, _) = await ServiceProcess.TryRunAsync(
            environment, "kinit", "-C", "-E", $"nobody-at-all@{suffix}@{forest.ToUpperInvariant()}");
        Assert.Matches("not found in Kerberos database|Realm not local", trace);
        return Referral().Match(trace).Groups[1].Value.ToLowerInvariant();
    }

    [GeneratedRegex(@"Following referral to realm (\S+)")]
    private static partial Regex Referral();
}
