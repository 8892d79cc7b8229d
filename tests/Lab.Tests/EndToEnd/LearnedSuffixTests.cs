using System.Net;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>What a gateway makes of what a real agent says of its forest, and an agent of what a gateway believes of it.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class LearnedSuffixTests
{
    private const string Corp = "corp.example", Allowed = "learned.example", Brand = "people.learned.example", Stray = "stray.example";
    private const string Theirs = "theirs.example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly LabPerson Mallory = LabPeople.Of(Corp, "mallory");

    [Fact]
    public async Task A_suffix_that_the_directory_gets_is_learned_where_the_tenant_allows_it_and_nowhere_else()
    {
        await using var installation = await Installation.StartAsync();
        await installation.AdminAsync("tenant", "create", "other", "--suffix", $"{Theirs}=other.example");
        await installation.AdminAsync("tenant", "allow", Installation.Tenant, Allowed, "--reason", "a test");
        try
        {
            await SetNameAsync($"mallory@{Brand}");
            Assert.Equal("NoRouteForSuffix", await AskAsync(installation, Brand));
            await LabForests.ChangeSuffixesAsync("--add-upn-suffix", Brand, Stray, Theirs);
            await RefreshedAsync(installation, said => new[] { Brand, Stray, Theirs }.All(said.Contains));

            await ToldAsync(installation, $"Names with the suffix {Brand} of tenant demo lead to forest {Corp}");
            await ToldAsync(installation, $"Forest {Corp} of tenant demo has the suffix {Theirs}, which belongs to another tenant");
            Assert.Matches($@"Forest {Corp} of tenant demo has \d+ more suffixes that do not lead there .*: .*{Stray}", installation.Gateway.Log());
            Assert.Equal("Success", await AskAsync(installation, Brand));
            Assert.Equal("NoRouteForSuffix", await AskAsync(installation, Stray));
            Assert.Equal("NoRouteForSuffix", await AskAsync(installation, Theirs));
            using var visitor = new PageVisitor(installation);
            Assert.Equal(HttpStatusCode.SeeOther, (await visitor.SignInAsync($"mallory@{Brand}", Mallory.Password)).Status);
        }
        finally
        {
            await LabForests.ChangeSuffixesAsync("--delete-upn-suffix", Brand, Stray, Theirs);
            await SetNameAsync(Mallory.Name);
        }

        await RefreshedAsync(installation, said => !said.Contains(Brand, StringComparison.Ordinal));
        await ToldAsync(installation, $"Names with the suffix {Brand} of tenant demo no longer lead to forest {Corp}");
        Assert.Equal("NoRouteForSuffix", await AskAsync(installation, Brand));
    }

    [Fact]
    public async Task An_agent_gives_an_attempt_back_that_is_for_a_forest_it_does_not_serve()
    {
        await using var installation = await Installation.StartAsync(agents: 0);
        await installation.AdminAsync("tenant", "suffix", Installation.Tenant, "fabrikam.test", "--reason", "a test");
        var agent = installation.NewAgent("both"); // By its token for both forests, configured for one.
        await agent.EnrolAsync(await installation.CreateTokenAsync());
        await agent.StartAsync();
        var bea = LabPeople.Of("fabrikam.test", "bea");

        var refused = await installation.ValidateAsync(bea.Name, bea.Password);

        Assert.Equal(("AgentNotAuthorisedForForest", "TryAgainLater", 1), (refused.Verdict, refused.PublicMeaning, refused.Dispatches));
        Assert.Equal("Success", (await installation.ValidateAsync(Mallory.Name, Mallory.Password)).Verdict);
    }

    private static async Task<string> AskAsync(Installation installation, string suffix) =>
        (await installation.ValidateAsync($"mallory@{suffix}", Mallory.Password)).Verdict;

    private static Task RefreshedAsync(Installation installation, Func<string, bool> isRead) => Eventually.SaidAsync(
        "the directory's suffixes are read", Patience, async () => (await installation.Agent().PbmAsync("forests", "refresh", Corp, "--reason", "a test")).Output, isRead);

    private static Task<TimeSpan> ToldAsync(Installation installation, string what) => Eventually.TrueAsync(
        $"the gateway says: {what}", Patience, () => Task.FromResult(installation.Gateway.Log().Contains(what, StringComparison.Ordinal)));

    /// <summary>At both controllers, so that nobody waits for one to tell the other.</summary>
    private static async Task SetNameAsync(string name)
    {
        foreach (var controller in new[] { "dc1.corp.example", "dc2.corp.example" })
        {
            await LabForests.ModifyAsync(controller, "CN=mallory,CN=Users,DC=corp,DC=example", $"replace: userPrincipalName\nuserPrincipalName: {name}");
        }
    }
}
