using System.Net;

namespace Passthrough.Gateway.Tests.SignIn;

public class HeaderTests
{
    [Fact]
    public async Task Every_answer_carries_the_headers_that_protect_it()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        var first = await visitor.GetAsync("/");
        var style = first.Html.Split('"').Single(part => part.EndsWith(".css", StringComparison.Ordinal));
        host.Agent = (_, _, _) => throw new InvalidOperationException("planted");
        var answers = new Dictionary<int, Visitor.Answer>
        {
            [200] = first,
            [400] = await visitor.PostAsync("/sign-in/name", "none"),
            [401] = await Visitor.Read(await visitor.Client.PostAsync("/v1/tenants/acme/validations", null)),
            [404] = await visitor.GetAsync("/nowhere"),
            [405] = await visitor.GetAsync("/sign-out"),
            [500] = await visitor.SignInAsync("anna@corp.example", "any"),
            [303] = await visitor.GetAsync("/account"),
        };
        Assert.All(answers, a => Assert.Equal(a.Key, a.Value.Code));
        foreach (var (code, answer) in answers.Append(new(-200, await visitor.GetAsync(style))))
        {
            Assert.Equal(
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                answer.Headers["Content-Security-Policy"]);
            Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
            Assert.Equal("DENY", answer.Headers["X-Frame-Options"]);
            Assert.Equal("no-referrer", answer.Headers["Referrer-Policy"]);
            Assert.Equal("max-age=31536000", answer.Headers["Strict-Transport-Security"]);
            Assert.Equal("same-origin", answer.Headers["Cross-Origin-Opener-Policy"]);
            Assert.Equal("same-origin", answer.Headers["Cross-Origin-Resource-Policy"]);
            Assert.Contains("camera=()", answer.Headers["Permissions-Policy"], StringComparison.Ordinal);
            Assert.Contains(code == -200 ? "immutable" : "no-store", answer.Headers["Cache-Control"], StringComparison.Ordinal);
            Assert.False(answer.Headers.ContainsKey("Server"), $"{code} says what serves it");
            Assert.DoesNotContain(answer.Headers.Keys, name => name.Contains("blazor", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Pages_hold_no_script_no_style_and_nothing_from_elsewhere()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        var pages = new List<Visitor.Answer> { await visitor.GetAsync("/"), await visitor.SignInAsync("anna@corp.example", "wrong") };
        pages.Add(await visitor.PostAsync("/sign-in/password", pages[1].Token, ("name", "anna@corp.example"), ("password", SignInHost.RightPassword)));
        pages.Add(await visitor.GetAsync("/account"));
        pages.Add(await visitor.GetAsync("/nowhere"));
        Assert.All(pages, page =>
        {
            foreach (var word in (string[])["<script", "<style", " style=", " onload", " onclick", "javascript:", "http:", "https:", "<!--"])
            {
                Assert.DoesNotContain(word, page.Html, StringComparison.OrdinalIgnoreCase);
            }
        });
    }

    [Fact]
    public async Task Cookies_are_bound_to_this_host_and_out_of_reach_of_scripts()
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        var form = (await visitor.GetAsync("/")).Headers["Set-Cookie"];
        var session = (await visitor.SignInAsync("anna@corp.example", SignInHost.RightPassword)).Headers["Set-Cookie"];
        Assert.StartsWith("__Host-passthrough-form=", form, StringComparison.Ordinal);
        Assert.StartsWith("__Host-passthrough-session=", session, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", form, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", session, StringComparison.OrdinalIgnoreCase);
        foreach (var cookie in (string[])[form, session])
        {
            Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; path=/", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("expires=", cookie, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory, InlineData("/"), InlineData("/account"), InlineData("/signed-out")]
    public async Task What_can_be_got_can_be_asked_for_without_its_body(string path)
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        var got = await visitor.GetAsync(path);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        var asked = await Visitor.Read(await visitor.Client.SendAsync(request));
        Assert.Equal(got.Code, asked.Code);
        Assert.Empty(asked.Html);
    }

    [Theory]
    [InlineData("/?returnUrl=https://evil.example/")]
    [InlineData("/account?ReturnUrl=//evil.example")]
    [InlineData("/sign-in/password?next=/\\evil.example")]
    public async Task Nothing_in_an_address_says_where_to_go_next(string path)
    {
        await using var host = await SignInHost.StartAsync();
        using var visitor = new Visitor(host);
        var answer = await visitor.GetAsync(path);
        Assert.DoesNotContain("evil", answer.Html + answer.Location, StringComparison.Ordinal);
        if (answer.Status != HttpStatusCode.OK)
        {
            Assert.Equal("/", answer.Location);
        }
    }
}
