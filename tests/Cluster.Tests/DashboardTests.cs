using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;
using Xunit.Abstractions;

namespace Passthrough.Cluster.Tests;

/// <summary>What an operator sees in a browser when something happens to a cluster of real agents. Pictures are kept in artifacts/lab-tests.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed partial class DashboardTests(Browser browser, ITestOutputHelper output) : IClassFixture<Browser>
{
    private const string Busy = "dc2", BusyName = "dc2.corp.example";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Noticed = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task An_attack_a_frozen_controller_and_a_killed_node_are_seen_within_five_seconds()
    {
        using var journal = new SharedJournal();
        await using var installation = await Installation.StartAsync(agents: 2, agentOptions: journal.Options);
        await installation.MembersAsync(2, 0, 1);
        await using var load = new Load(installation, people: 3);

        // As ssh -L does it.
        await using var forwarded = new SocketRelay(Path.ChangeExtension(installation.Agent().OperatorSocket, "http"));
        var page = await browser.OpenAsync(width: 1280, height: 900);
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        await page.GotoAsync(forwarded.Address.ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live: last looked");
        await Assertions.Expect(page.Locator("#nodes td.good", new() { HasText = "works" })).ToHaveCountAsync(2, new() { Timeout = 30_000 });
        await Eventually.TrueAsync("work is under way", Patience, () => Task.FromResult(load.Count > 100));
        await Assertions.Expect(page.Locator("#trouble td.bad")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await ShotAsync(page, "well");

        var guesses = Enumerable.Range(0, 40).Select(_ => installation.ValidateAsync($"{Guid.NewGuid():n}@corp.example", "guess")).ToList();
        await SeesAsync("an attack", page.Locator("#trouble td.bad", new() { HasText = "passwords are being guessed" }));
        await Task.WhenAll(guesses);

        await Assertions.Expect(page.Locator("#controllers td.bad")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await using (await Fault.FrozenAsync(Busy))
        {
            await SeesAsync("a frozen controller", page.Locator("#controllers tr", new() { HasText = BusyName }).Locator("td.bad"));
            await ShotAsync(page, "attacked");
            await page.SetViewportSizeAsync(360, 800);
            await ShotAsync(page, "attacked-phone");
            await page.SetViewportSizeAsync(1280, 900);
        }

        await Assertions.Expect(page.Locator("#controllers td.good", new() { HasText = "ready" })).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await installation.Agent(1).Process.KillAsync();
        await SeesAsync("a killed node", page.Locator("#nodes tr", new() { HasText = "agent-2" }).Locator("td", new() { HasTextRegex = Dead() }));
        await ShotAsync(page, "killed");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task An_operator_opens_it_at_the_port_with_the_certificate_that_the_script_made()
    {
        var operators = Directory.CreateTempSubdirectory("passthrough-operators-");
        try
        {
            await ServiceProcess.RunAsync(
                new Dictionary<string, string>(), Path.Combine(Installation.RepositoryRoot, "ops", "operator-certificate"), operators.FullName, "dave", "read");
            await using var installation = await Installation.StartAsync(agentOptions: new Dictionary<string, string>
            {
                ["Operator__TrustedCaFile"] = Path.Combine(operators.FullName, "operators-ca.pem"),
                ["Operator__Port"] = "0",
            });
            var address = new Uri($"https://{Listening().Match(installation.Agent().Process.Log()).Groups[1].Value}/");
            var certificate = new ClientCertificate
            {
                Origin = address.GetLeftPart(UriPartial.Authority),
                PfxPath = Path.Combine(operators.FullName, "dave.p12"),
                Passphrase = "",
            };
            var page = await browser.OpenAsync(scheme: ColorScheme.Dark, certificate: certificate);
            await page.GotoAsync(address.ToString());
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live: last looked", new() { Timeout = 30_000 });
            await Assertions.Expect(page.Locator("#nodes td.good", new() { HasText = "works" })).ToBeVisibleAsync(new() { Timeout = 30_000 });
            await ShotAsync(page, "port");

            var nobody = await browser.OpenAsync();
            await Assert.ThrowsAnyAsync<PlaywrightException>(() => nobody.GotoAsync(address.ToString()));
        }
        finally
        {
            operators.Delete(recursive: true);
        }
    }

    private async Task SeesAsync(string what, ILocator sign)
    {
        var since = Stopwatch.GetTimestamp();
        await Assertions.Expect(sign.First).ToBeVisibleAsync(new() { Timeout = (float)Noticed.TotalMilliseconds });
        output.WriteLine($"{what}: seen after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
    }

    private static Task<byte[]> ShotAsync(IPage page, string name) => page.ScreenshotAsync(new PageScreenshotOptions
    {
        Path = Path.Combine(Installation.RepositoryRoot, "artifacts", "lab-tests", $"dashboard-{name}.png"),
        FullPage = true,
    });

    [GeneratedRegex("does not answer|unreachable")]
    private static partial Regex Dead();

    [GeneratedRegex(@"Operators are answered at (\S+?),")]
    private static partial Regex Listening();
}
