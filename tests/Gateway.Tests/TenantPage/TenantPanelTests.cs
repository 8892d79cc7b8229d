using System.Text.Json.Nodes;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.TenantPage;

/// <summary>What the page of a tenant shows, and what it does not.</summary>
public sealed class TenantPanelTests
{
    private static readonly byte[] Anna = new Guid("3f2b1a0c-5d4e-4f60-8192-a3b4c5d6e7f8").ToByteArray();

    [Fact]
    public async Task The_page_shows_what_this_instance_knows_of_the_tenant()
    {
        await using var site = await TenantSite.StartAsync();
        await site.Gateway.EnrolAsync("agent-2", TestGateway.OtherForest);
        site.Agent.OnAttempt = received => received.AnswerAsync(
            Verdict.BadPassword, new AnswerDetail { DomainController = "dc1.corp.example", BindUs = 4100 });
        var failed = await site.AskAsync("anna@corp.example");
        using var visitor = await site.SignedInAsync();
        var page = await EventuallyAsync(visitor, rows => Has(rows, "agents", "agent-2", "never connected"));

        Assert.Equal(["agent-1", "connected", "corp.example", "scripted"], Row(page, "agents", "agent-1").Take(4));
        Assert.Matches("^[0-9]+ (s|min) old, ends in 23 h$", Row(page, "agents", "agent-1")[4]);
        Assert.Equal("0 of 10", Row(page, "agents", "agent-1")[5]);
        Assert.Equal(["corp.example", "by one of 1 agents: nothing takes over if it stops", "corp, corp.example"], Row(page, "forests", "corp.example"));
        Assert.Equal(["fabrikam.test", "no agent is connected", "fabrikam.test"], Row(page, "forests", "fabrikam.test"));
        Assert.Equal("this page is its own", Row(page, "instances", site.Gateway.Stream.Authority)[1]);
        Assert.Equal(["dc1.corp.example", "answers", "1", "0", "4.1 ms"], Row(page, "controllers", "dc1.corp.example").Take(5));
        Assert.Equal(["BadPassword", "wrong password", "1326", "50126", failed, "agent-1", "dc1.corp.example"], Rows(page, "failures").Single().Skip(1));
        Assert.Equal(["BadPassword", "1", "1"], Row(page, "attempts", "BadPassword").Take(3));
        page = await EventuallyAsync(visitor, now => ChartOf(now)?["series"]![0]!["values"]!.AsArray().Sum(value => (double?)value ?? 0) > 0);
        var chart = ChartOf(page)!;
        Assert.Equal("BadPassword", (string?)chart["series"]![0]!["name"]);
        Assert.Equal(0.2, chart["series"]![0]!["values"]!.AsArray().Sum(value => (double?)value ?? 0), 3);

        // The page without script says the same, and nobody's name.
        var html = (await visitor.GetAsync("/tenant")).Html;
        Assert.Contains(failed, html, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", html, StringComparison.OrdinalIgnoreCase);

        // An agent that has gone is told with when it was heard last.
        await site.Agent.DisposeAsync();
        page = await EventuallyAsync(visitor, rows => Has(rows, "agents", "agent-1", "not connected"));
        Assert.EndsWith("UTC", Row(page, "agents", "agent-1")[6], StringComparison.Ordinal);
        Assert.Equal("no agent is connected", Row(page, "forests", "corp.example")[1]);
    }

    [Fact]
    public async Task Nothing_of_another_tenant_is_in_panels_counts_or_streams()
    {
        await using var site = await TenantSite.StartAsync();
        site.OthersAgent.OnAttempt = LockStrangersOut;
        var theirs = await site.AskAsync("anna@other.example", tenant: TenantSite.Other);
        var ours = await site.AskAsync("anna@corp.example");
        using var visitor = await site.SignedInAsync();
        using var stranger = await site.SignedInAsync(TenantSite.Other);
        var (mine, other) = (await ReadAsync(visitor), await ReadAsync(stranger));

        foreach (var text in (string[])[mine.ToJsonString(), (await visitor.GetAsync("/tenant")).Html])
        {
            Assert.Contains(ours, text, StringComparison.Ordinal);
            foreach (var secret in (string[])[theirs, "agent-of-other", "other.example", "dc-of-other", "SmartLocked"])
            {
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            }
        }

        Assert.Contains(theirs, other.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(ours, other.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("agent-1", other.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["1"], Rows(mine, "attempts").Select(row => row[2]));
        Assert.Empty(Rows(mine, "locks"));
        Assert.Equal("agent-of-other", Assert.Single(Rows(other, "agents"))[0]);

        // Their lock has the account's pseudonym, which leads to its sign-ins.
        var locked = Assert.Single(Rows(other, "locks"));
        Assert.Matches("^~[A-Za-z0-9_-]{22}$", locked[0]);
        Assert.Equal(["other.example", "9 min", "open"], locked.Skip(1));
        var found = await TenantSite.SearchAsync(stranger, ("account", locked[0]));
        await Eventually.TrueAsync(
            () => (found = TenantSite.SearchAsync(stranger, ("account", locked[0])).Result).Html.Contains(theirs, StringComparison.Ordinal), "the record");
        Assert.DoesNotContain(theirs, (await TenantSite.SearchAsync(visitor, ("account", locked[0]))).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_allow_the_pages_own_script_and_nothing_else()
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = await site.SignedInAsync();
        var (page, search) = (await visitor.GetAsync("/tenant"), await visitor.GetAsync("/tenant/search"));
        Assert.Equal(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; "
            + "base-uri 'none'; form-action 'none'",
            page.Headers["Content-Security-Policy"]);
        Assert.Equal(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            search.Headers["Content-Security-Policy"]);
        Assert.All((Visitor.Answer[])[page, search], answer =>
        {
            Assert.Equal(("nosniff", "DENY", "no-referrer"), (
                answer.Headers["X-Content-Type-Options"], answer.Headers["X-Frame-Options"], answer.Headers["Referrer-Policy"]));
            Assert.StartsWith("no-store", answer.Headers["Cache-Control"], StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?! src=)| style=| on[a-z]+=|javascript:", answer.Html);
        });
    }

    internal static Task LockStrangersOut(Received received) => received.AnswerAsync(Verdict.SmartLocked, new AnswerDetail
    {
        DomainController = "dc-of-other",
        Account = Google.Protobuf.ByteString.CopyFrom(Anna),
        Lock = new AccountLock { UnfamiliarMs = 600_000 },
    });

    /// <summary>As the stream tells it first.</summary>
    private static async Task<JsonNode> ReadAsync(Visitor visitor)
    {
        await using var stream = await visitor.Client.GetStreamAsync("/tenant/stream");
        using var reader = new StreamReader(stream);
        Assert.Equal("event: page", await reader.ReadLineAsync().InTimeAsync());
        return JsonNode.Parse((await reader.ReadLineAsync().InTimeAsync())!["data: ".Length..])!;
    }

    /// <summary>Follows the page until it shows what is waited for.</summary>
    private static async Task<JsonNode> EventuallyAsync(Visitor visitor, Func<JsonNode, bool> condition)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await using var stream = await visitor.Client.GetStreamAsync("/tenant/stream");
        using var reader = new StreamReader(stream);
        while (true)
        {
            var line = await reader.ReadLineAsync(deadline.Token);
            if (line?.StartsWith("data: {", StringComparison.Ordinal) == true && JsonNode.Parse(line["data: ".Length..])! is var page && condition(page))
            {
                return page;
            }
        }
    }

    private static JsonNode? ChartOf(JsonNode page) => page["panels"]!.AsArray().Single(panel => (string?)panel!["id"] == "attempts")!["chart"];

    private static bool Has(JsonNode page, string panel, string first, string second) => Rows(page, panel).Exists(row => row[0] == first && row[1] == second);

    private static string[] Row(JsonNode page, string panel, string first) => Rows(page, panel).Single(row => row[0] == first);

    private static List<string[]> Rows(JsonNode page, string panel) =>
        [.. page["panels"]!.AsArray().Single(each => (string?)each!["id"] == panel)!["rows"]!.AsArray()
            .Select(row => row!.AsArray().Select(cell => (string)cell!["text"]!).ToArray())];
}
