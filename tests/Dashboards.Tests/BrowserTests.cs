using System.Text.Json;
using Microsoft.Playwright;
using Passthrough.Decisions.Tests;
using Passthrough.Gateway.Tests.SignIn;

namespace Passthrough.Dashboards.Tests;

/// <summary>The dashboard in a real Chromium. Pictures are kept.</summary>
public class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task It_follows_what_happens_and_takes_every_text_for_text()
    {
        await using var host = await DashboardHost.StartAsync();
        var page = await browser.OpenAsync();
        var complaints = Listen(page);
        await page.GotoAsync(host.Address.ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live: last looked");
        await Assertions.Expect(page.GetByText(Samples.Hostile)).ToBeVisibleAsync();

        // What a reader has opened and where the focus is stay as they are when the page changes.
        await page.GetByText("The chart’s numbers").ClickAsync();
        await page.Locator("#nodes .scroll").FocusAsync();
        host.Page = Samples.Trouble;

        await Assertions.Expect(page.Locator("#nodes td.bad")).ToHaveTextAsync("✖silent for 4 s");
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = "96" }).First).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#nodes .scroll")).ToBeFocusedAsync();
        Assert.Equal(2, await page.Locator("#attempts .chart svg .line.s0").CountAsync());
        Assert.Contains("Newest: Success 96, WrongPassword 2", await page.Locator("#attempts .chart > svg").GetAttributeAsync("aria-label") ?? "", StringComparison.Ordinal);
        Assert.Equal("Cluster passthrough", await page.TitleAsync());
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_page_that_hears_nothing_says_so_and_comes_back_by_itself()
    {
        var host = await DashboardHost.StartAsync();
        var page = await browser.OpenAsync();
        await page.GotoAsync(host.Address.ToString());
        var status = page.GetByRole(AriaRole.Status);
        await Assertions.Expect(status).ToHaveTextAsync("Live: last looked");

        await host.DisposeAsync();
        await Assertions.Expect(status).ToContainTextAsync("Not live: the connection has ended. It tries again within");
        Assert.Equal("stale", await page.Locator("body").GetAttributeAsync("class"));
        await ShotAsync(page, "not-live");

        await using var back = await DashboardHost.StartAsync(port: host.Address.Port);
        back.Page = Samples.Trouble;
        await Assertions.Expect(status).ToHaveTextAsync("Live: last looked");
        await Assertions.Expect(page.Locator("#nodes td.bad")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_script_all_is_there_and_it_says_that_it_is_not_live()
    {
        await using var host = await DashboardHost.StartAsync();
        host.Page = Samples.Trouble;
        var page = await browser.OpenAsync(script: false, width: 360);
        await page.GotoAsync(host.Address.ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Not live: the page as it was");
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = "bad silent for 4 s" })).ToBeVisibleAsync();
        await page.GetByText("The chart’s numbers").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = "03:00:05" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_keyboard_leads_to_every_panel()
    {
        await using var host = await DashboardHost.StartAsync();
        var page = await browser.OpenAsync();
        await page.GotoAsync(host.Address.ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live: last looked");
        var seen = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            seen.Add(await page.EvaluateAsync<string>("() => document.activeElement.ariaLabel ?? document.activeElement.textContent"));
        }

        Assert.Equal(
            ["Skip to the panels", "Nodes", "Attempts a second", "Locked accounts", "Nodes", "Attempts a second", "The chart’s numbers (a second)", "Locked accounts"],
            seen.Take(8));
    }

    /// <summary>Both schemes and a phone, by what an audit by hand would measure.</summary>
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Everybody_can_read_it(ColorScheme scheme, int width)
    {
        await using var host = await DashboardHost.StartAsync();
        host.Page = Samples.Trouble;
        var page = await browser.OpenAsync(scheme: scheme, width: width, height: 900);
        await page.GotoAsync(host.Address.ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live: last looked");
        await Assertions.Expect(page.Locator("#attempts .chart > svg")).ToBeVisibleAsync();
        await ShotAsync(page, $"{scheme}-{width}".ToLowerInvariant());
        var faults = await page.EvaluateAsync<JsonElement>(PageAudit.Script);
        Assert.True(faults.GetArrayLength() == 0, $"{faults}");
    }

    /// <summary>Names of verdicts and machines are read as a whole: there is room for them on a phone too, and else the table scrolls.</summary>
    [Theory]
    [InlineData(1280)]
    [InlineData(360)]
    public async Task No_word_is_broken_that_fits_and_a_longer_one_stays_in_its_table(int width)
    {
        await using var host = await DashboardHost.StartAsync();
        string[] columns = ["At (UTC)", "Verdict", "Reason", "Windows", "AADSTS", "Failures", "Agent", "Domain controller"];
        string[] texts = ["03:00:05", "BadPasswordRepeated", "the password was wrong", "1326", "50126", "2", "agent-1", "dc1.corp.example"];
        host.Page = new DashboardPage("Words", "", [new Panel("words", "Words", columns,
        [
            [.. texts.Select(text => new Cell(text))], [.. texts.Select(text => new Cell(text == texts[1] ? "AgentDeadlineExceeded" : text, CellState.Bad))],
            [.. texts.Select(_ => new Cell(new string('x', 399)))],
        ])]);
        var page = await browser.OpenAsync(width: width, height: 900);
        await page.GotoAsync(host.Address.ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live: last looked");
        await ShotAsync(page, $"words-{width}");
        var broken = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('#words td > span')].flatMap(span => {
              const [text, range] = [span.firstChild, document.createRange()];
              return [...text.data.matchAll(/[^ -]+/g)].filter(word => {
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                return new Set([...range.getClientRects()].map(each => each.top)).size > 1;
              }).map(word => word[0]);
            })
            """);
        Assert.All(broken, word => Assert.Equal(399, word.Length));
        Assert.Equal(columns.Length, broken.Length);
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
    }

    private static Task<byte[]> ShotAsync(IPage page, string name) => page.ScreenshotAsync(
        new PageScreenshotOptions { Path = Path.Combine(RepositoryRoot.Path, "artifacts", $"dashboard-{name}.png"), FullPage = true });

    private static List<string> Listen(IPage page)
    {
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, text) => complaints.Add(text);
        page.RequestFailed += (_, request) => complaints.Add($"{request.Url}: {request.Failure}");
        return complaints;
    }
}
