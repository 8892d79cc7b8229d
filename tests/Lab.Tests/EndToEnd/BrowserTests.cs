using Microsoft.Playwright;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>A person of the lab's directory in a real Chromium, without JavaScript.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class BrowserTests
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    [Fact]
    public async Task A_person_signs_in_with_the_password_of_the_directory_and_is_told_who_they_are()
    {
        await using var installation = await Installation.StartAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Headless = true,
            Args = Arguments,
            Timeout = 120_000,
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { IgnoreHTTPSErrors = true, JavaScriptEnabled = false });
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        var uni = LabPeople.Of("corp.example", "uni");

        await page.GotoAsync(installation.Page.ToString());
        await SubmitAsync(page, uni.Name, "not-" + uni.Password);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();

        await page.GotoAsync(installation.Page.ToString());
        await SubmitAsync(page, uni.Name, uni.Password);
        await page.WaitForURLAsync("**/account");
        await Assertions.Expect(page.GetByText(uni.Name).First).ToBeVisibleAsync();
        var picture = Path.Combine(Installation.RepositoryRoot, "artifacts", "lab-tests", "signed-in.png");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = picture });
    }

    private static async Task SubmitAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("User name").FillAsync(name);
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByLabel("Password").FillAsync(password);
        await page.Keyboard.PressAsync("Enter");
    }
}
