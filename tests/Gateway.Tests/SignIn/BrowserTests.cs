using System.Text.Json;
using Microsoft.Playwright;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>The pages in a real Chromium.</summary>
public class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    private const string Name = "anna@corp.example";

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_person_signs_in_and_out_with_and_without_scripts(bool script)
    {
        await using var host = await SignInHost.StartAsync();
        var page = await browser.OpenAsync(script);
        var complaints = Listen(page);

        await page.GotoAsync(host.Address.ToString());
        await page.GetByLabel("User name").FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByLabel("Password").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByText("Wrong user name or password.").WaitForAsync();
        await page.GetByLabel("Password").FillAsync(SignInHost.RightPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "You are signed in" }).WaitForAsync();
        Assert.EndsWith("/account", page.Url, StringComparison.Ordinal);
        Assert.Contains(Name, await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
        await page.GotoAsync(new Uri(host.Address, "/account").ToString());

        Assert.Equal(host.Address, new Uri(page.Url));
        Assert.Equal([(Name, "wrong"), (Name, SignInHost.RightPassword)], host.Asked);
        // The browser itself notes the refusal's status; anything else would be a fault, above all of the page's policy.
        Assert.All(complaints, text => Assert.Contains("403", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_keyboard_is_enough()
    {
        await using var host = await SignInHost.StartAsync();
        var page = await browser.OpenAsync(script: false);
        await page.GotoAsync(host.Address.ToString());

        Assert.Equal("User name", await FocusedAsync(page));
        await page.Keyboard.TypeAsync(Name);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Password").WaitForAsync();
        Assert.Equal("Password", await FocusedAsync(page));
        await page.Keyboard.TypeAsync(SignInHost.RightPassword);
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Sign in", await FocusedAsync(page));
        await page.Keyboard.PressAsync("Shift+Tab");
        await page.Keyboard.PressAsync("Shift+Tab");
        Assert.Equal("Change user name", await FocusedAsync(page));
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = "You are signed in" }).WaitForAsync();
        Assert.Equal([(Name, SignInHost.RightPassword)], host.Asked);
    }

    /// <summary>Every page in both schemes and two widths: what an audit by hand would measure. Pictures are kept.</summary>
    [Theory]
    [InlineData(ColorScheme.Light, 1000)]
    [InlineData(ColorScheme.Light, 320)]
    [InlineData(ColorScheme.Dark, 1000)]
    [InlineData(ColorScheme.Dark, 320)]
    public async Task Every_page_can_be_read_and_used_by_everybody(ColorScheme scheme, int width)
    {
        await using var host = await SignInHost.StartAsync();
        var page = await browser.OpenAsync(scheme: scheme, width: width);
        var suffix = $"{scheme}-{width}".ToLowerInvariant();

        await page.GotoAsync(host.Address.ToString());
        await CheckAsync(page, $"1-name-{suffix}");
        await page.GetByLabel("User name").FillAsync(Name);
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByLabel("Password").WaitForAsync();
        await CheckAsync(page, $"2-password-{suffix}");
        await page.GetByLabel("Password").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Alert).WaitForAsync();
        await CheckAsync(page, $"3-refused-{suffix}");
        await page.GetByLabel("Password").FillAsync(SignInHost.RightPassword);
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "You are signed in" }).WaitForAsync();
        await CheckAsync(page, $"4-account-{suffix}");
        await page.GotoAsync(new Uri(host.Address, "/nowhere").ToString());
        await CheckAsync(page, $"5-notice-{suffix}");
    }

    private static async Task CheckAsync(IPage page, string name)
    {
        // A page can be read before its pictures are there.
        await page.WaitForLoadStateAsync(LoadState.Load);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(RepositoryRoot.Path, "artifacts", $"sign-in-{name}.png") });
        var faults = await page.EvaluateAsync<JsonElement>(PageAudit.Script);
        Assert.True(faults.GetArrayLength() == 0, $"{name}: {faults}");
    }

    /// <summary>The name that a screen reader would say of what has the focus.</summary>
    private static async Task<string> FocusedAsync(IPage page) => (await page.EvaluateAsync<string>(
        "() => { const e = document.activeElement; return (e.labels?.length ? e.labels[0].textContent : e.textContent).trim(); }"))!;

    private static List<string> Listen(IPage page)
    {
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, text) => complaints.Add(text);
        page.RequestFailed += (_, request) => complaints.Add($"{request.Url}: {request.Failure}");
        return complaints;
    }
}
