using System.Text.RegularExpressions;
using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.TenantPage;

/// <summary>The search of the tenant page in a real log.</summary>
public sealed partial class TenantSearchTests
{
    [Fact]
    public async Task A_sign_in_is_found_by_every_question_and_by_nobody_of_another_tenant()
    {
        await using var site = await TenantSite.StartAsync();
        var wrong = await site.AskAsync("Anna.Ö@corp.example");
        var right = await site.AskAsync("bert@corp.example", "right");
        var others = await site.AskAsync("anna.ö@other.example", tenant: TenantSite.Other);
        using var visitor = await site.SignedInAsync();
        using var stranger = await site.SignedInAsync(TenantSite.Other);
        await FoundAsync(visitor, wrong, ("id", wrong));
        await FoundAsync(visitor, right, ("id", right));
        await FoundAsync(stranger, others, ("id", others));

        // Each question finds what it should, and nothing of the other tenant's however it is asked.
        Assert.Equal([wrong], await IdsAsync(visitor, ("account", " ANNA.ö@corp.example "), ("since", "1d")));
        Assert.Equal([wrong], await IdsAsync(visitor, ("verdict", "BadPassword")));
        Assert.Equal([right, wrong], await IdsAsync(visitor, ("since", "1h")));
        Assert.Equal([right], await IdsAsync(visitor, ("id", Guid.ParseExact(right, "n").ToString("D").ToUpperInvariant())));
        Assert.Equal([], await IdsAsync(visitor, ("since", ""), ("until", "1h")));
        Assert.Equal([], await IdsAsync(visitor, ("id", others), ("since", "")));
        Assert.Equal([], await IdsAsync(visitor, ("account", "anna.ö@other.example"), ("since", "")));
        Assert.Equal([others], await IdsAsync(stranger, ("since", "")));
        Assert.Equal([], await IdsAsync(stranger, ("account", "Anna.Ö@corp.example"), ("since", "")));

        // Nor does a word that is in another field, or one that ends the question, lead there.
        Assert.Equal([], await IdsAsync(visitor, ("account", "other"), ("since", "")));
        Assert.Equal([], await IdsAsync(visitor, ("account", "\",\"tenant\":\"other\",\"x\":\""), ("since", "")));

        var page = await TenantSite.SearchAsync(visitor, ("verdict", "BadPassword"));
        foreach (var words in (string[])["BadPassword, Windows 1326, AADSTS50126", "agent-1", "dc1", "1 record matches"])
        {
            Assert.Contains(words, page.Html, StringComparison.Ordinal);
        }

        // The name is nowhere; its pseudonym is, and finds the same.
        Assert.DoesNotContain("anna", page.Html, StringComparison.OrdinalIgnoreCase);
        var pseudonym = Pseudonym().Match(page.Html).Value;
        Assert.Equal([wrong], await IdsAsync(visitor, ("account", pseudonym)));
    }

    [Fact]
    public async Task Each_search_is_recorded_with_who_and_what_for_its_tenant_alone()
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = await site.SignedInAsync();
        using var stranger = await site.SignedInAsync(TenantSite.Other);
        await TenantSite.SearchAsync(visitor, ("account", "Anna@corp.example"), ("verdict", "BadPassword"));
        const string Words = "search on the tenant page --verdict BadPassword";
        await Eventually.TrueAsync(() => TenantSite.SearchAsync(visitor).Result.Html.Contains(Words, StringComparison.Ordinal), "the search is found by a search");
        var all = await TenantSite.SearchAsync(visitor, ("since", "1d"));
        Assert.Contains("Ida Admin (page key ", all.Html, StringComparison.Ordinal);
        Assert.Contains("sign-in to the tenant page", all.Html, StringComparison.Ordinal);
        Assert.Contains($"pagekey create --tenant {TestGateway.Tenant}", all.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("anna@corp.example", all.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"--tenant {TenantSite.Other}", all.Html, StringComparison.Ordinal);
        var theirs = await TenantSite.SearchAsync(stranger, ("since", "1d"));
        Assert.DoesNotContain(Words, theirs.Html, StringComparison.Ordinal);
        Assert.Contains($"pagekey create --tenant {TenantSite.Other}", theirs.Html, StringComparison.Ordinal);

        // As the operator's command finds it.
        var found = await site.Gateway.CommandAsync("audit", "search", "--account", "anna@corp.example");
        Assert.Matches($@"by=Ida Admin \(page key [^)]+\)  what={Words}  tenant=contoso  account=~", found);
    }

    [Fact]
    public async Task A_search_that_finds_more_than_it_shows_says_so_and_goes_on()
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = await site.SignedInAsync();
        var ids = new List<string>();
        for (var i = 0; i < 230; i++)
        {
            ids.Insert(0, await site.AskAsync($"user{i}@corp.example", "right"));
        }

        await FoundAsync(visitor, ids[0], ("id", ids[0]));
        var found = new List<string>();
        var page = await TenantSite.SearchAsync(visitor, ("verdict", "Success"));
        Assert.Contains("The newest 100 that match", page.Html, StringComparison.Ordinal);
        for (var pages = 1; ; pages++)
        {
            found.AddRange(IdsIn(page));
            var hidden = Hidden().Matches(page.Html[page.Html.IndexOf("id=\"found\"", StringComparison.Ordinal)..])
                .Select(match => (match.Groups["name"].Value, match.Groups["value"].Value)).Where(field => field.Item1 != "form").ToArray();
            if (hidden.All(field => field.Item1 != "before"))
            {
                Assert.Equal(3, pages);
                break;
            }

            page = await visitor.PostAsync("/tenant/search", page.Token, hidden);
        }

        Assert.Equal(ids, found);
    }

    [Theory]
    [InlineData("since", "soon")]
    [InlineData("verdict", "Nonsense")]
    [InlineData("id", "17")]
    [InlineData("before", "x")]
    public async Task A_question_that_cannot_be_is_told(string field, string text)
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = await site.SignedInAsync();
        var answer = await TenantSite.SearchAsync(visitor, (field, text));
        Assert.Equal(400, answer.Code);
        Assert.Contains("role=\"alert\"", answer.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_searches_by_an_address_or_from_elsewhere_or_with_a_book()
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = await site.SignedInAsync();
        Assert.DoesNotContain("corp.example", (await visitor.GetAsync("/tenant/search?account=zoe@corp.example&since=1d")).Html, StringComparison.Ordinal);
        Assert.Equal(400, (await visitor.PostAsync("/tenant/search", "none", ("account", "anna@corp.example"))).Code);
        Assert.Equal(400, (await TenantSite.SearchAsync(visitor, ("account", new string('x', 20_000)))).Code);
        using var stranger = site.Visitor();
        Assert.Equal(303, (await stranger.PostAsync("/tenant/search", "none", ("account", "anna@corp.example"))).Code);
        Assert.DoesNotContain(site.Gateway.Log.All, line => line.Text.Contains("anna@", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The log's end is locked, as while somebody else reads it: no search gets on, and so they stand side by side.</summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(5, 5)]
    public async Task One_search_more_than_a_tenant_or_the_gateway_may_have_at_once_is_told_to_wait(int searches, int tenants)
    {
        await using var site = await TenantSite.StartAsync();
        var visitors = new List<(Visitor Visitor, string Token)>();
        for (var i = 0; i < searches; i++)
        {
            var tenant = tenants == 1 ? TestGateway.Tenant : $"tenant-{i}";
            if (tenants > 1)
            {
                await site.Gateway.AdminAsync("tenant", "create", tenant, "--suffix", $"{tenant}.example");
            }

            var visitor = await site.SignedInAsync(tenant);
            visitors.Add((visitor, (await visitor.GetAsync("/tenant/search")).Token));
        }

        List<Task<Visitor.Answer>> all;
        Visitor.Answer refused;
        using (await LockedAsync(Path.Combine(site.Gateway.StateDirectory, "audit.lock")))
        {
            all = [.. visitors.Select(each => each.Visitor.PostAsync("/tenant/search", each.Token))];
            refused = await (await Task.WhenAny(all)).InTimeAsync();
        }

        Assert.Equal((503, "5"), (refused.Code, refused.Headers["Retry-After"]));
        Assert.Contains("A search is running already. Wait until it has ended, then try again.", refused.Html, StringComparison.Ordinal);
        var answers = await Task.WhenAll(all).InTimeAsync();
        Assert.Equal([.. Enumerable.Repeat(200, searches - 1), 503], answers.Select(answer => answer.Code).Order());

        // Each has left its place.
        foreach (var (visitor, token) in visitors)
        {
            Assert.Equal(200, (await visitor.PostAsync("/tenant/search", token)).Code);
            visitor.Dispose();
        }
    }

    [Fact]
    public async Task Without_pseudonyms_names_are_shown_as_the_log_has_them()
    {
        await using var site = await TenantSite.StartAsync(options => options.Audit.Pseudonyms = false);
        var id = await site.AskAsync("Anna@corp.example");
        using var visitor = await site.SignedInAsync();
        await FoundAsync(visitor, id, ("id", id));
        Assert.Contains("anna@corp.example", (await TenantSite.SearchAsync(visitor, ("id", id))).Html, StringComparison.Ordinal);
    }

    private static async Task<IDisposable> LockedAsync(string file)
    {
        FileStream? locked = null;
        await Eventually.TrueAsync(
            () =>
            {
                try
                {
                    locked = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            "the log's lock is free");
        return locked!;
    }

    private static async Task FoundAsync(Visitor visitor, string id, params (string, string)[] question) =>
        await Eventually.TrueAsync(() => IdsAsync(visitor, question).Result.Contains(id), $"the record of {id}");

    private static async Task<List<string>> IdsAsync(Visitor visitor, params (string, string)[] question)
    {
        var page = await TenantSite.SearchAsync(visitor, question);
        Assert.Equal(200, page.Code);
        return IdsIn(page);
    }

    private static List<string> IdsIn(Visitor.Answer page) => [.. Id().Matches(page.Html).Select(match => match.Value)];

    [GeneratedRegex("(?<=<td[^>]+data-column=\"Request\"[^>]*><span>)[0-9a-f]{32}(?=</span>)")]
    private static partial Regex Id();

    [GeneratedRegex("~[A-Za-z0-9_-]{22}")]
    private static partial Regex Pseudonym();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();
}
