using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.SignIn;

namespace Passthrough.Gateway.Tests.SignIn;

public class PageTests
{
    private const string Name = "anna@corp.example";

    [Fact]
    public async Task A_right_password_signs_in_and_the_page_says_who_one_is()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);

        var answer = await visitor.SignInAsync(" Anna@CORP.example ", SignInHost.RightPassword);

        Assert.Equal((303, "/account"), (answer.Code, answer.Location));
        Assert.Equal([("Anna@CORP.example", SignInHost.RightPassword)], host.Asked.Select(a => (a.Name.Trim(), a.Password)));
        var account = await visitor.GetAsync("/account");
        Assert.Equal(200, account.Code);
        Assert.Contains("Anna@CORP.example", account.Html, StringComparison.Ordinal);
        Assert.Contains(SignInHost.Tenant, account.Html, StringComparison.Ordinal);
        Assert.Contains("UTC", account.Html, StringComparison.Ordinal);
        Assert.Equal(32, account.RequestId.Length);
        Assert.DoesNotContain("agent-1", account.Html, StringComparison.Ordinal);
        Assert.Equal((303, "/account"), await visitor.GetAsync("/") is var again ? (again.Code, again.Location) : default);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        await visitor.SignInAsync(Name, SignInHost.RightPassword);

        var unasked = await visitor.GetAsync("/sign-out");
        Assert.Equal(405, unasked.Code);
        var left = await visitor.PostAsync("/sign-out", (await visitor.GetAsync("/account")).Token);

        Assert.Equal((303, "/signed-out"), (left.Code, left.Location));
        Assert.Contains("You are signed out", (await visitor.GetAsync("/signed-out")).Html, StringComparison.Ordinal);
        Assert.Equal("/", (await visitor.GetAsync("/account")).Location);
    }

    /// <summary>Whatever is refused looks the same: the page, its status, its headers. Only the request's id and time differ.</summary>
    [Fact]
    public async Task Every_refusal_is_the_same_page()
    {
        await using var host = await SignInHost.StartAsync();
        var pages = new List<(string What, string Page, string Headers)>();
        var verdicts = VerdictTable.Rows.Where(r => r.Public == PublicMeaning.WrongNameOrPassword).Select(r => r.Verdict).ToList();
        foreach (var verdict in verdicts)
        {
            host.Agent = (_, _, _) => Task.FromResult(SignInHost.Outcome(verdict));
            pages.Add(await RefusedAsync(verdict.ToString(), Name, "any"));
        }

        host.Agent = (_, _, _) => throw new InvalidOperationException("asked");
        pages.Add(await RefusedAsync("a suffix of no tenant", "anna@nowhere.example", "any"));
        pages.Add(await RefusedAsync("a bare name", "anna", "any"));
        pages.Add(await RefusedAsync("an empty password", Name, ""));
        pages.Add(await RefusedAsync("a NUL in the password", Name, "right\0wrong"));
        pages.Add(await RefusedAsync("a password that is too long", Name, new string('x', TypedPassword.MaxBytes + 1)));

        Assert.Equal(verdicts.Count, host.Asked.Count);
        Assert.All(pages, page => Assert.Equal(pages[0].Page, page.Page));
        Assert.All(pages, page => Assert.Equal(pages[0].Headers, page.Headers));
        Assert.Contains("Wrong user name or password.", pages[0].Page, StringComparison.Ordinal);

        async Task<(string, string, string)> RefusedAsync(string what, string name, string password)
        {
            using var visitor = new Visitor(host);
            var answer = await visitor.SignInAsync(name, password);
            Assert.True(answer.Code == 403, $"{what}: {answer.Code}");
            Assert.Equal(32, answer.RequestId.Length);
            var headers = answer.Headers.Where(h => h.Key is not ("Date" or "Set-Cookie" or "Content-Length"))
                .Select(h => $"{h.Key}: {h.Value}").Order();
            return (what, answer.Uniform.Replace(name, "NAME", StringComparison.Ordinal), string.Join('\n', headers));
        }
    }

    [Fact]
    public async Task No_verdict_asks_to_try_again_later()
    {
        await using var host = await SignInHost.StartAsync();
        foreach (var row in VerdictTable.Rows.Where(r => r.Public == PublicMeaning.TryAgainLater))
        {
            host.Agent = (_, _, _) => Task.FromResult(SignInHost.Outcome(row.Verdict));
            using var visitor = new Visitor(host);
            var answer = await visitor.SignInAsync(Name, "any");
            Assert.Equal(503, answer.Code);
            Assert.Equal("5", answer.Headers["Retry-After"]);
            Assert.Contains("Try again in a moment", answer.Html, StringComparison.Ordinal);
            Assert.Equal(32, answer.RequestId.Length);
        }
    }

    [Theory, InlineData(""), InlineData("  "), InlineData("@corp.example"), InlineData("a\u0007b@corp.example")]
    public async Task What_cannot_be_a_name_is_asked_for_again(string name)
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        var answer = await visitor.PostAsync("/sign-in/name", (await visitor.GetAsync("/")).Token, ("name", name));
        Assert.Equal(400, answer.Code);
        Assert.Contains("Enter your user name", answer.Html, StringComparison.Ordinal);

        // At the second step, where only a tampered form can have it, it is refused as everything is.
        var later = await visitor.PostAsync("/sign-in/password", answer.Token, ("name", name), ("password", "any"));
        Assert.Equal(403, later.Code);
        Assert.Empty(host.Asked);
    }

    [Fact]
    public async Task A_name_is_shown_as_text_whatever_it_holds()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        const string hostile = "\"><img src=x onerror=alert(1)>'&@corp.example";
        var token = (await visitor.GetAsync("/")).Token;
        var answer = await visitor.PostAsync("/sign-in/name", token, ("name", hostile));
        Assert.Equal(200, answer.Code);
        Assert.DoesNotContain("<img src=x", answer.Html, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode("\"><img"), answer.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_not_our_own_is_not_read()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        using var stranger = new Visitor(host);
        var mine = (await visitor.GetAsync("/")).Token;
        var theirs = (await stranger.GetAsync("/")).Token;
        foreach (var path in (string[])["/sign-in/name", "/sign-in/password", "/sign-out"])
        {
            foreach (var token in (string[])["", "nonsense", theirs, mine[..^2]])
            {
                var answer = await visitor.PostAsync(path, token, ("name", Name), ("password", SignInHost.RightPassword));
                Assert.Equal(400, answer.Code);
                Assert.Contains("This page is out of date", answer.Html, StringComparison.Ordinal);
            }
        }

        Assert.Empty(host.Asked);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=x", "--x--")]
    [InlineData("application/json", "{}")]
    [InlineData("application/x-www-form-urlencoded", "name=a&name=b")]
    [InlineData("application/x-www-form-urlencoded", "password=a&password=b")]
    [InlineData("application/x-www-form-urlencoded", "password=&password=b")]
    [InlineData("application/x-www-form-urlencoded", "name=%ff")]
    [InlineData("application/x-www-form-urlencoded", "a=&b=&c=&d=&e=&f=&g=&h=&i=")]
    public async Task What_is_no_form_is_refused_before_anything_is_sent(string type, string body)
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        using var content = new StringContent(body, Encoding.ASCII);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        var answer = await Visitor.Read(await visitor.Client.PostAsync("/sign-in/password", content));
        Assert.Equal(400, answer.Code);
        Assert.Contains("This form could not be read", answer.Html, StringComparison.Ordinal);
        Assert.Empty(host.Asked);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_body_over_the_limit_is_refused(bool lengthIsTold)
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        using var content = new StreamContent(new MemoryStream(new byte[16 * 1024 + 1]));
        content.Headers.Add("Content-Type", "application/x-www-form-urlencoded");
        content.Headers.ContentLength = lengthIsTold ? 16 * 1024 + 1 : null;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/password") { Content = content };
        request.Headers.TransferEncodingChunked = !lengthIsTold;
        var answer = await Visitor.Read(await visitor.Client.SendAsync(request));
        Assert.Contains(answer.Code, (int[])[400, 413]);
        Assert.Empty(host.Asked);
    }

    [Fact]
    public async Task A_source_over_its_limit_is_told_when_to_come_back_and_nobody_is_asked()
    {
        await using var host = await SignInHost.StartAsync(
            new SignInOptions { SourceBurst = 3, SourcePerMinute = 1, RefusalStep = TimeSpan.Zero });
        using var visitor = new Visitor(host);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(403, (await visitor.SignInAsync(Name, "wrong")).Code);
        }

        var answer = await visitor.SignInAsync(Name, SignInHost.RightPassword);
        Assert.Equal(429, answer.Code);
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], null), 1, 60);
        Assert.Equal(3, host.Asked.Count);
        Assert.Contains(host.Log.All, line => line.EventId == 3301);
    }

    [Fact]
    public async Task A_fault_shows_an_id_that_finds_it_in_the_log()
    {
        await using var host = await SignInHost.StartAsync();
        host.Agent = (_, _, _) => throw new InvalidOperationException("planted");
        using var visitor = new Visitor(host);
        var answer = await visitor.SignInAsync(Name, "any");
        Assert.Equal(500, answer.Code);
        Assert.DoesNotContain("planted", answer.Html, StringComparison.Ordinal);
        var line = Assert.Single(host.Log.All, line => line.Level >= LogLevel.Error);
        Assert.Equal(3302, line.EventId);
        Assert.Contains(answer.RequestId, line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_log_line_at_any_level_holds_a_password()
    {
        const string canary = "Kanarienvogel-7f3a2c";
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        foreach (var verdict in (Verdict[])[Verdict.BadPassword, Verdict.NoAgent, Verdict.Success])
        {
            host.Agent = (_, _, _) => Task.FromResult(SignInHost.Outcome(verdict));
            await visitor.SignInAsync(Name, canary);
        }

        host.Agent = (_, _, _) => throw new InvalidOperationException("planted");
        using var another = new Visitor(host);
        await another.SignInAsync(Name, canary);
        Assert.Equal(4, host.Asked.Count(a => a.Password == canary));
        Assert.True(host.Log.All.Count > 50, "nothing was logged");
        Assert.DoesNotContain(host.Log.All, line => line.Text.Contains(canary, StringComparison.OrdinalIgnoreCase));
    }
}
