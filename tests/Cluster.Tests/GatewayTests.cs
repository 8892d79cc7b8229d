using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Text.RegularExpressions;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;
using Xunit.Abstractions;

namespace Passthrough.Cluster.Tests;

/// <summary>Two instances of the gateway, as ops/up brings them up.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class GatewayTests(ITestOutputHelper output)
{
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public async Task A_session_outlives_its_gateway_and_a_gateway_that_is_cut_off_signs_people_in_through_the_other()
    {
        var log = Path.GetTempFileName();
        await using var up = ServiceProcess.Start(
            log, Nothing, Path.Combine(Installation.RepositoryRoot, "ops", "up"), "--agents", "2", "--gateways", "2");
        await PrintsAsync(up, "Ctrl-C ends it and cleans up");
        var home = Match(up, @"(?m)^Logs +(\S+)/\*\.log$");
        await Eventually.TrueAsync("each agent has a stream to each gateway", TimeSpan.FromSeconds(60), () => Task.FromResult(
            Connections(home, 1) >= 2 && Connections(home, 2) >= 2));
        await SessionGoesOnAsync(up, home);
        await SignsInThroughTheOtherAsync(up, home);
        Assert.Equal(143, await up.TerminateAsync());
        File.Delete(log);
    }

    private async Task SessionGoesOnAsync(ServiceProcess up, string home)
    {
        using var browser = Client(new CookieContainer());
        await SignInAsync(browser, Page(up, 1));
        Assert.Equal(HttpStatusCode.OK, await AccountAsync(browser, Page(up, 1)));
        using var nobody = Client(new CookieContainer());
        Assert.Equal(HttpStatusCode.SeeOther, await AccountAsync(nobody, Page(up, 2)));

        var connected = Connections(home, 1);
        await ServiceProcess.RunAsync(Nothing, "kill", "-9", Match(up, @"(?m)^gateway-1 +(\d+) "));
        Assert.Equal(HttpStatusCode.OK, await AccountAsync(browser, Page(up, 2)));
        Assert.Equal("Success", (await ValidateAsync(up, 2)).Verdict);

        // It rejoins, with the same keys, and the agents come back to it.
        await PrintsAsync(up, "gateway-1 ended with 137; started again as process ");
        var back = await Eventually.TrueAsync(
            "the agents are back", TimeSpan.FromSeconds(90), () => Task.FromResult(Connections(home, 1) >= connected + 2));
        Assert.Equal(HttpStatusCode.OK, await AccountAsync(browser, Page(up, 1)));
        Assert.Equal("Success", (await ValidateAsync(up, 1)).Verdict);
        output.WriteLine($"a killed gateway has its agents again {back.TotalSeconds:0.0} s after it was started");
    }

    private async Task SignsInThroughTheOtherAsync(ServiceProcess up, string home)
    {
        // What the agents send to the second gateway's stream is lost, as behind a broken firewall; the gateways reach each other.
        var connected = Connections(home, 2);
        await RuleAsync("add");
        try
        {
            await Eventually.TrueAsync("gateway-2 misses both agents", TimeSpan.FromSeconds(60), () => Task.FromResult(
                Count(home, 2, " was silent for ") >= 2));
            for (var i = 0; i < 10; i++)
            {
                var answer = await ValidateAsync(up, 2);
                Assert.Equal("Success", answer.Verdict);
                Assert.Equal(1, answer.Dispatches);
            }
        }
        finally
        {
            await RuleAsync("del");
        }

        var back = await Eventually.TrueAsync(
            "the agents are back at gateway-2", TimeSpan.FromSeconds(90), () => Task.FromResult(Connections(home, 2) >= connected + 2));
        Assert.Equal("Success", (await ValidateAsync(up, 2)).Verdict);
        output.WriteLine($"a gateway that was cut off has its agents again {back.TotalSeconds:0.0} s after that");

        static Task RuleAsync(string what) => ServiceProcess.RunAsync(Nothing, "ip", "rule", what, "ipproto", "tcp", "dport", "8455", "blackhole");
    }

    private static int Connections(string home, int gateway) => Count(home, gateway, " is connected");

    private static int Count(string home, int gateway, string words) =>
        File.ReadAllText(Path.Combine(home, $"gateway-{gateway}.log")).Split(words).Length - 1;

    private static Uri Page(ServiceProcess up, int gateway) => new(Match(up, $@"(?m)^gateway-{gateway} +\d+ +(\S+)$"));

    /// <summary>Both steps, as a browser without scripts.</summary>
    private static async Task SignInAsync(HttpClient browser, Uri page)
    {
        using var name = await PostAsync(browser, new Uri(page, "/sign-in/name"), await browser.GetStringAsync(page), ("name", Alice.Name));
        using var reply = await PostAsync(
            browser, new Uri(page, "/sign-in/password"), await name.Content.ReadAsStringAsync(), ("name", Alice.Name), ("password", Alice.Password));
        Assert.Equal(HttpStatusCode.SeeOther, reply.StatusCode);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, Uri address, string page, params (string Key, string Value)[] fields)
    {
        var token = Regex.Match(page, @"name=""form""[^>]*value=""([^""]+)""").Groups[1].Value;
        return browser.PostAsync(address, new FormUrlEncodedContent(
            fields.Append(("form", WebUtility.HtmlDecode(token))).Select(field => KeyValuePair.Create(field.Item1, field.Item2))));
    }

    private static async Task<HttpStatusCode> AccountAsync(HttpClient browser, Uri page)
    {
        using var reply = await browser.GetAsync(new Uri(page, "/account"));
        return reply.StatusCode;
    }

    private static async Task<Validation> ValidateAsync(ServiceProcess up, int gateway)
    {
        using var client = Client(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Match(up, @"(?m)^API key +(\S+)$"));
        using var reply = await client.PostAsJsonAsync(
            new Uri(Page(up, gateway), "/v1/tenants/demo/validations"), new { userName = Alice.Name, password = Alice.Password });
        return (await reply.Content.ReadFromJsonAsync<Validation>())!;
    }

    /// <param name="jar">Null: keeps no cookies.</param>
    private static HttpClient Client(CookieContainer? jar)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = jar is not null };
        if (jar is not null)
        {
            handler.CookieContainer = jar;
        }

        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, faults) => (faults & SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(40) };
    }

    private static Task<TimeSpan> PrintsAsync(ServiceProcess up, string line) => Eventually.TrueAsync(
        $"ops/up prints \"{line}\"", TimeSpan.FromSeconds(300), () => up.HasExited
            ? throw new InvalidOperationException($"ops/up ended: {up.Log()}")
            : Task.FromResult(up.Log().Contains(line, StringComparison.Ordinal)));

    private static string Match(ServiceProcess up, string pattern) => Regex.Match(up.Log(), pattern).Groups.Values.Last().Value;
}
