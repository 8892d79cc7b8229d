using Microsoft.Playwright;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>The machine's own Chromium, one for a class of tests. Each walk gets a fresh profile in memory.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Headless = true,
            Args = Arguments,
            Timeout = 300_000,
        });
    }

    public async Task<IPage> OpenAsync(
        bool script = true, ColorScheme scheme = ColorScheme.Light, int width = 1000, int height = 760, ClientCertificate? certificate = null)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            IgnoreHTTPSErrors = true,
            JavaScriptEnabled = script,
            ColorScheme = scheme,
            ClientCertificates = certificate is null ? null : [certificate],
            ViewportSize = new ViewportSize { Width = width, Height = height },
        });
        context.SetDefaultTimeout(120_000);
        return await context.NewPageAsync();
    }

    public async Task DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
    }
}
