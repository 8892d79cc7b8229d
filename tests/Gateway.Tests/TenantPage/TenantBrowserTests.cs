using System.Text.Json;
using Microsoft.Playwright;
using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.TenantPage;

/// <summary>The tenant page in a real Chromium. Pictures are kept.</summary>
public class TenantBrowserTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task An_attack_and_a_lost_agent_are_seen_within_5_s_without_a_click()
    {
        await using var site = await TenantSite.StartAsync();
        var page = await SignedInAsync(site, await browser.OpenAsync());
        var complaints = Listen(page);
        await page.GetByText("Live", new() { Exact = false }).First.WaitForAsync();
        string last = "";
        for (var i = 0; i < 30; i++)
        {
            last = await site.AskAsync($"user{i}@corp.example");
        }

        var since = TimeProvider.System.GetTimestamp();
        await page.Locator("#failures").GetByText(last).WaitForAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, Noticed);
        since = TimeProvider.System.GetTimestamp();
        await site.Agent.DisposeAsync();
        await page.Locator("#agents").GetByText("not connected", new() { Exact = true }).WaitForAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, Noticed);
        Assert.Empty(complaints);
        await ShootAsync(page, "attack");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task The_keyboard_is_enough_with_and_without_scripts(bool script)
    {
        await using var site = await TenantSite.StartAsync();
        var id = await site.AskAsync("anna@corp.example");
        var page = await browser.OpenAsync(script);
        await page.GotoAsync(new Uri(site.Gateway.Page, "/tenant").ToString());
        await page.Keyboard.TypeAsync((await site.KeyAsync()).Key);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = $"Sign-ins of {TestGateway.Tenant}" }).WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Search the log, sign out" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Request id").FocusAsync();
        await page.Keyboard.TypeAsync(id);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = "What was found" }).WaitForAsync();
        Assert.DoesNotContain(id, page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Key").WaitForAsync();
        await page.GotoAsync(new Uri(site.Gateway.Page, "/tenant").ToString());
        Assert.EndsWith("/tenant/sign-in", page.Url, StringComparison.Ordinal);
    }

    /// <summary>Every page in both schemes and two widths.</summary>
    [Theory]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 1200)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Every_page_can_be_read_and_used_by_everybody(ColorScheme scheme, int width)
    {
        await using var site = await TenantSite.StartAsync();
        var suffix = $"{scheme}-{width}".ToLowerInvariant();
        await site.AskAsync("anna@corp.example");
        await site.AskAsync("bert@corp.example", "right");
        site.Agent.OnAttempt = TenantPanelTests.LockStrangersOut;
        await site.AskAsync("carl@corp.example");
        var page = await browser.OpenAsync(scheme: scheme, width: width);
        var complaints = Listen(page);
        await page.GotoAsync(new Uri(site.Gateway.Page, "/tenant").ToString());
        await CheckAsync(page, $"1-key-{suffix}");
        await SignedInAsync(site, page);
        await page.Locator("#attempts svg").First.WaitForAsync();
        await page.Locator("#attempts details summary").ClickAsync();
        await CheckAsync(page, $"2-overview-{suffix}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Search the log, sign out" }).ClickAsync();
        await CheckAsync(page, $"3-search-{suffix}");
        await page.GetByLabel("Name as it was typed").FillAsync("anna@corp.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "What was found" }).WaitForAsync();
        await page.GetByText("BadPassword, Windows 1326").WaitForAsync();
        await CheckAsync(page, $"4-found-{suffix}");
        Assert.Empty(complaints);
    }

    private static async Task<IPage> SignedInAsync(TenantSite site, IPage page)
    {
        await page.GotoAsync(new Uri(site.Gateway.Page, "/tenant").ToString());
        await page.GetByLabel("Key").FillAsync((await site.KeyAsync()).Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = $"Sign-ins of {TestGateway.Tenant}" }).WaitForAsync();
        return page;
    }

    private static async Task CheckAsync(IPage page, string name)
    {
        await page.WaitForLoadStateAsync(LoadState.Load);
        await ShootAsync(page, name);

        // What is searched for is no property of who sits there: such fields have no purpose that a browser could know.
        var faults = await page.EvaluateAsync<JsonElement>(
            PageAudit.Script.Replace("['username', 'current-password']", "['username', 'current-password', 'off']", StringComparison.Ordinal));
        Assert.True(faults.GetArrayLength() == 0, $"{name}: {faults}");
    }

    private static Task<byte[]> ShootAsync(IPage page, string name) => page.ScreenshotAsync(
        new PageScreenshotOptions { Path = Path.Combine(RepositoryRoot.Path, "artifacts", $"tenant-{name}.png"), FullPage = true });

    private static List<string> Listen(IPage page)
    {
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, text) => complaints.Add(text);
        return complaints;
    }
}
