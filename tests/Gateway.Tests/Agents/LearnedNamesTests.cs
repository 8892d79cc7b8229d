using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

/// <summary>Suffixes that agents say, over real streams: what is routed by them, and what is told.</summary>
public sealed class LearnedNamesTests
{
    private const int Learned = 3021, Ended = 3022, OfAnotherTenant = 3023, Conflict = 3024, LeftOut = 3025, ForeignForest = 3026;

    [Fact]
    public async Task An_allowed_suffix_leads_to_the_forest_whose_agent_says_it_and_no_longer_than_that()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, "Brand.Example.", "--reason", "a test");
        await using var corp = await gateway.AgentAsync("corp");
        await using var fabrikam = await gateway.AgentAsync("fabrikam", 10, TestGateway.OtherForest);
        await corp.SayAsync(TestGateway.Forest, 1, "corp.example", "CORP");
        await fabrikam.SayAsync(TestGateway.OtherForest, 1, "Brand.Example", "nowhere.invalid", "FABRIKAM");
        await TellsAsync(gateway, Learned, "brand.example of tenant contoso lead to forest fabrikam.test");
        Assert.Equal((Verdict.Success, fabrikam.Id), await AskAsync(gateway, "anna@brand.example"));
        Assert.Equal((Verdict.Success, fabrikam.Id), await AskAsync(gateway, "anna@eu.brand.example"));
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@evilbrand.example"));
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@nowhere.invalid"));
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, @"FABRIKAM\anna"));
        Assert.Equal(TestGateway.Tenant, gateway.Get<TenantDirectory>().Now.FindTenant("eu.brand.example"));
        await TellsAsync(gateway, LeftOut, "fabrikam, nowhere.invalid");

        await fabrikam.SayAsync(TestGateway.OtherForest, 2, "fabrikam.test");
        await TellsAsync(gateway, Ended, "brand.example of tenant contoso");
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@brand.example"));
        Assert.Empty(corp.Attempts);
    }

    [Fact]
    public async Task The_NetBIOS_name_of_a_forest_is_allowed_with_its_own_name_and_holds_in_the_tenant_only()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, TestGateway.OtherForest, "--reason", "a test");
        await using var fabrikam = await gateway.AgentAsync("fabrikam", 10, TestGateway.OtherForest);
        await fabrikam.SayAsync(TestGateway.OtherForest, 1, "FABRIKAM", "CORP");
        await TellsAsync(gateway, Learned, "fabrikam of tenant contoso");
        Assert.Equal((Verdict.Success, fabrikam.Id), await AskAsync(gateway, @"FABRIKAM\anna"));
        Assert.Null(gateway.Get<TenantDirectory>().Now.FindTenant("FABRIKAM"));

        // What is configured stays where it is.
        Assert.Equal((Verdict.NoAgent, null), await AskAsync(gateway, @"CORP\anna"));
    }

    [Fact]
    public async Task Of_names_under_an_allowed_subtree_that_no_agent_has_told_yet_nothing_is_known()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, "brand.example", "--reason", "a test");
        await Eventually.TrueAsync(() => gateway.Get<TenantDirectory>().Now.FindTenant("brand.example") is not null, "it is noticed");
        Assert.Equal((Verdict.NoAgent, null), await AskAsync(gateway, "anna@brand.example"));
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@evilbrand.example"));
        await using var both = await gateway.AgentAsync("both", 10, TestGateway.Forest, TestGateway.OtherForest);
        await both.SayAsync(TestGateway.Forest, 1, "one.brand.example");
        await TellsAsync(gateway, Learned, "one.brand.example");
        Assert.Equal((Verdict.NoAgent, null), await AskAsync(gateway, "anna@two.brand.example"));
        await both.SayAsync(TestGateway.OtherForest, 1, "fabrikam.test");
        await EventuallyAsync(gateway, "anna@two.brand.example", Verdict.NoRouteForSuffix);
        Assert.Equal((Verdict.Success, both.Id), await AskAsync(gateway, "anna@one.brand.example"));
    }

    [Fact]
    public async Task A_suffix_of_another_tenant_and_one_that_two_forests_have_lead_nowhere_and_are_told_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "create", "other", "--suffix", "other.example");
        await gateway.AdminAsync("tenant", "allow", "other", "more.example", "--reason", "a test");
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, "brand.example", "--reason", "a test");
        await using var corp = await gateway.AgentAsync("corp");
        await using var fabrikam = await gateway.AgentAsync("fabrikam", 10, TestGateway.OtherForest);
        await corp.SayAsync(TestGateway.Forest, 1, "brand.example", "shared.brand.example", "x.other.example", "more.example");
        await fabrikam.SayAsync(TestGateway.OtherForest, 1, "shared.brand.example");
        await TellsAsync(gateway, Conflict, "shared.brand.example");
        await TellsAsync(gateway, OfAnotherTenant, "x.other.example");
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@shared.brand.example"));
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@x.other.example"));
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@more.example"));
        Assert.Equal("other", gateway.Get<TenantDirectory>().Now.FindTenant("x.other.example"));

        // Neither falls back to the forest that has the name above it.
        Assert.Equal((Verdict.Success, corp.Id), await AskAsync(gateway, "anna@brand.example"));
        await corp.SayAsync(TestGateway.Forest, 2, "brand.example", "new.brand.example", "shared.brand.example", "x.other.example", "more.example");
        await TellsAsync(gateway, Learned, "new.brand.example");
        Assert.Equal((2, 2), (Count(gateway, OfAnotherTenant), Count(gateway, Conflict)));
    }

    [Fact]
    public async Task What_was_learned_outlasts_a_stream_and_ends_with_the_leave_of_the_administrator_or_the_agent()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, "brand.example", "--reason", "a test");
        await using var one = await gateway.AgentAsync("one");
        await one.SayAsync(TestGateway.Forest, 1, "brand.example");
        await TellsAsync(gateway, Learned, "brand.example");
        await one.Current.DisposeAsync();
        await Eventually.TrueAsync(() => gateway.Get<AgentRegistry>().ConnectedAgents == 0, "it is gone");
        Assert.Equal((Verdict.NoAgent, null), await AskAsync(gateway, "anna@brand.example"));
        await one.ConnectAsync();
        Assert.Equal((Verdict.Success, one.Id), await AskAsync(gateway, "anna@brand.example"));

        await gateway.AdminAsync("tenant", "disallow", TestGateway.Tenant, "brand.example", "--reason", "a test");
        await TellsAsync(gateway, Ended, "brand.example");
        Assert.Equal((Verdict.NoRouteForSuffix, null), await AskAsync(gateway, "anna@brand.example"));
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, "brand.example", "--reason", "a test");
        await EventuallyAsync(gateway, "anna@brand.example", Verdict.Success);

        // What a revoked agent said is forgotten at once.
        await gateway.AdminAsync("agent", "revoke", one.Id, "--reason", "a test");
        await Eventually.TrueAsync(() => Count(gateway, Ended) == 2, "it has ended");
    }

    [Fact]
    public async Task A_forest_of_200_domains_and_500_suffixes_fits_the_stream()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, "brand.example", "--reason", "a test");
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, TestGateway.OtherForest, "--reason", "a test");
        await using var agent = await gateway.AgentAsync("fabrikam", 10, TestGateway.OtherForest);
        var pad = new string('p', 60);
        var names = Enumerable.Range(0, 200).SelectMany(i => (string[])[$"domain-{i}.{TestGateway.OtherForest}", $"DOMAIN{i}"])
            .Concat(Enumerable.Range(0, 500).Select(i => $"suffix-{i}.{pad}.{pad}.{pad}.brand.example")).ToArray();
        await agent.SayAsync(TestGateway.OtherForest, 1, names);
        await Eventually.TrueAsync(() => Count(gateway, Learned) == 700, "all are learned but the domains, which the configured name leads there anyway");
        Assert.Equal((Verdict.Success, agent.Id), await AskAsync(gateway, $"anna@suffix-499.{pad}.{pad}.{pad}.brand.example"));
        Assert.Equal((Verdict.Success, agent.Id), await AskAsync(gateway, @"domain199\anna"));
    }

    [Fact]
    public async Task What_an_agent_says_of_a_forest_that_is_not_its_own_is_not_believed()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AdminAsync("tenant", "allow", TestGateway.Tenant, "brand.example", "--reason", "a test");
        await using var fabrikam = await gateway.AgentAsync("fabrikam", 10, TestGateway.OtherForest);
        await fabrikam.SayAsync(TestGateway.Forest, 1, "brand.example");
        await TellsAsync(gateway, ForeignForest, TestGateway.Forest);
        Assert.Equal(0, Count(gateway, Learned));
        Assert.False(fabrikam.Current.Ended.IsCompleted);
    }

    [Theory, InlineData(1u, 1), InlineData(0u, ForestSuffixParts.MaxNamesInPart + 1)]
    public async Task Parts_that_no_agent_of_ours_makes_end_the_stream(uint part, int names)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        await agent.Current.SendAsync(new FromAgent
        {
            ForestSuffixes = new ForestSuffixes { Forest = TestGateway.Forest, Part = part, Names = { Enumerable.Repeat("a.b", names) } },
        });
        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, (await agent.Current.Ended.InTimeAsync()).StatusCode);
    }

    private static int Count(TestGateway gateway, int eventId) => gateway.Log.All.Count(line => line.EventId == eventId);

    private static Task TellsAsync(TestGateway gateway, int eventId, string text) => Eventually.TrueAsync(
        () => gateway.Log.All.Any(line => line.EventId == eventId && line.Text.Contains(text, StringComparison.Ordinal)), $"{eventId}: {text}");

    private static Task EventuallyAsync(TestGateway gateway, string name, Verdict verdict) => Eventually.TrueAsync(
        () => gateway.ValidateAsync(name).GetAwaiter().GetResult().Verdict == verdict, $"{name}: {verdict}");

    private static async Task<(Verdict Verdict, string? Agent)> AskAsync(TestGateway gateway, string name) =>
        await gateway.ValidateAsync(name) is var outcome ? (outcome.Verdict, outcome.AgentId) : default;
}
