using Passthrough.Decisions.Attempts;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>Two forests with a trust, through the gateway: where every form of a name leads, and what a node does that cannot reach
/// one of them.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class ForestTests
{
    private const string Added = "added.example", Fabrikam = "fabrikam.test";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");
    private static readonly LabPerson Bea = LabPeople.Of(Fabrikam, "bea");
    private static readonly LabPerson Bert = LabPeople.Of(Fabrikam, "bert");

    [Fact]
    public async Task Every_form_of_a_name_leads_to_its_forest_and_a_suffix_that_is_added_routes_after_a_refresh()
    {
        await using var installation = await Installation.StartBothForestsAsync(new Dictionary<string, string>[] { [] });
        var agent = installation.Agent();
        await Eventually.TrueAsync("the directories of both forests are heard", Patience, async () =>
            !(await agent.PbmAsync("forests", "list")).Output.Contains("was not heard yet", StringComparison.Ordinal));
        await EverybodyAsync(installation);
        await ExpectAsync(installation, "NoRouteForSuffix", "disabled", "judy@shared.example", "twin@shared.example");
        await ExpectAsync(installation, "NoRouteForSuffix", "excluded", "ivan@sub.contoso.com");
        await ExpectAsync(installation, "NoRouteForSuffix", "no-match", "alice@evilcorp.example", $"alice@{Added}");
        await ExpectAsync(installation, "NoRouteForSuffix", "other-forest", "bea@misrouted.fabrikam.test");

        var (code, said) = await agent.PbmAsync("route", Bert.Name);
        Assert.Equal(0, code);
        Assert.Matches(@"route +fabrikam\.test, any domain, because brand-b\.example is a UPN suffix", said);
        Assert.Matches(@"asked first +fab1\.fabrikam\.test: healthy", said);
        Assert.Matches(@"reached by +agent-1\n", said);
        Assert.Matches(@"names +version \d+, read \d+ (s|min) ago from fab1\.fabrikam\.test", said);

        await LabForests.ChangeSuffixesAsync("--add-upn-suffix", Added);
        try
        {
            await Eventually.SaidAsync("the suffix is read", Patience, async () =>
                (await agent.PbmAsync("forests", "refresh", "corp.example", "--reason", "a test")).Output, said => said.Contains(Added, StringComparison.Ordinal));
            // Somebody else: what was refused before is counted.
            await ExpectAsync(installation, "UserNotFoundInForest", $"upn-suffix {Added}", $"anna@{Added}");
        }
        finally
        {
            await LabForests.ChangeSuffixesAsync("--delete-upn-suffix", Added);
        }
    }

    [Fact]
    public async Task What_one_node_cannot_reach_its_peers_do_and_what_none_can_is_told_while_the_other_forest_works()
    {
        // The gateway prefers agents that reach the forest: they take few at once, so that the third gets its share.
        await using var installation = await Installation.StartBothForestsAsync(
            new Dictionary<string, string> { ["Credits"] = "4" },
            new Dictionary<string, string> { ["Credits"] = "4" },
            new Dictionary<string, string> { ["Forests__1__DomainControllers__0"] = "127.0.0.1:9" });
        var cut = installation.Agent(2);
        await Eventually.TrueAsync("the nodes know of each other", Patience, async () =>
        {
            var (_, said) = await cut.PbmAsync("route", Bea.Name);
            return said.Contains("reached by     agent-1, agent-2", StringComparison.Ordinal)
                && said.Contains("not reached by agent-3", StringComparison.Ordinal) && said.Contains("names          version", StringComparison.Ordinal);
        });

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            var person = i % 2 == 0 ? Bea : Bert;
            var own = new List<Validation>();
            for (var round = 0; round < 12; round++)
            {
                own.Add(await installation.ValidateAsync(person.Name, person.Password));
            }

            return own;
        }));

        Assert.All(answers.SelectMany(each => each), answer => Assert.Equal("Success", answer.Verdict));
        Assert.Contains("was handed to agent-", cut.Process.Log(), StringComparison.Ordinal);
        Assert.DoesNotContain(answers.SelectMany(each => each), answer => answer.Agent!.Name == cut.Name);

        await using (await Fault.UnpluggedAsync("fab1"))
        {
            for (var i = 0; i < 4; i++)
            {
                var since = System.Diagnostics.Stopwatch.GetTimestamp();
                var answer = await installation.ValidateAsync(Bea.Name, Bea.Password);
                Assert.Equal("TryAgainLater", answer.PublicMeaning);
                Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(15), $"{answer}");
                Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
            }
        }

        await Eventually.TrueAsync("the forest is back", Patience, async () =>
            (await installation.ValidateAsync(Bea.Name, Bea.Password)).Verdict == "Success");
    }

    /// <summary>Everybody of both forests as they sign in; and the forms that every domain has.</summary>
    private static async Task EverybodyAsync(Installation installation)
    {
        var faults = new List<string>();
        var people = LabPeople.All
            .Where(person => person.Password != "-" && person.State is not ("load" or "lockable" or "administrator")
                && !person.Name.EndsWith("@shared.example", StringComparison.Ordinal))
            .Select(person => (person.Name, person.Password, Verdict: person.Verdict, person.Domain))
            .Concat(new[]
            {
                (@"CORP\alice", Alice.Password, Verdict.Success, "corp.example"), ("alice@CORP", Alice.Password, Verdict.Success, "corp.example"),
                (@"FABRIKAM\bea", Bea.Password, Verdict.Success, Fabrikam), ("bea@FABRIKAM", Bea.Password, Verdict.Success, Fabrikam),
                ("BERT@Brand-B.example", Bert.Password, Verdict.Success, Fabrikam), ("bert@fabrikam.test", Bert.Password, Verdict.Success, Fabrikam),
                ("ivan@corp.example", Alice.Password, Verdict.Success, "corp.example"),
                ("alice@fabrikam.test", Alice.Password, Verdict.BadPassword, Fabrikam), ("alice@corp.example", Bea.Password, Verdict.BadPassword, "corp.example"),
            });
        foreach (var (name, password, verdict, forest) in people)
        {
            var validation = await installation.ValidateAsync(name, password);
            if (validation.Verdict != verdict.ToString() || (verdict == Verdict.Success && validation.DomainController?.EndsWith(forest, StringComparison.Ordinal) != true))
            {
                faults.Add($"{name}: {validation}, should be {verdict} of {forest}");
            }
        }

        Assert.Empty(faults);
    }

    private static async Task ExpectAsync(Installation installation, string verdict, string route, params string[] names)
    {
        foreach (var name in names)
        {
            var validation = await installation.ValidateAsync(name, Alice.Password);
            Assert.Equal((name, verdict, "WrongNameOrPassword", route), (name, validation.Verdict, validation.PublicMeaning, validation.Route));
        }
    }
}
