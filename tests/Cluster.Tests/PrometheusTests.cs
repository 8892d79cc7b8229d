using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>Debian's Prometheus with the rules of ops/dashboards, on a real agent and a real gateway.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed partial class PrometheusTests
{
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>They are there from when it first happens; a clock besides the gateway's own, with PostgreSQL.</summary>
    private static readonly string[] Rare =
    [
        "hand_backs", "hand_overs", "not_unsealed", "interim_permits_total", "slots", "ejections", "redispatches", "gateway_clock_ahead",
    ];

    [Fact]
    public async Task What_the_page_lists_is_scraped_and_no_rule_fails_or_fires()
    {
        await using var installation = await Installation.StartAsync();
        var nobody = $"{Guid.NewGuid():n}@corp.example";
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        Assert.Equal("BadPassword", (await installation.ValidateAsync(Alice.Name, Guid.NewGuid().ToString("n"))).Verdict);
        Assert.Equal("UserNotFoundInForest", (await installation.ValidateAsync(nobody, "x")).Verdict);
        Assert.Equal("NoRouteForSuffix", (await installation.ValidateAsync($"{Guid.NewGuid():n}@{Guid.NewGuid():n}.example", "x")).Verdict);
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        var (address, configuration) = Configure(installation);
        await using var prometheus = ServiceProcess.Start(
            installation.PathOf("prometheus.log"), new Dictionary<string, string>(),
            ["prometheus", $"--config.file={configuration}", $"--storage.tsdb.path={installation.PathOf("tsdb")}", $"--web.listen-address={address}"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{address}/") };

        await Eventually.TrueAsync("both are scraped", Patience, async () => await QueryAsync(http, "sum(up)") == 2);
        Assert.True(await QueryAsync(http, "sum(passthrough_agent_attempts_total{verdict=\"Success\", forest=\"corp.example\"})") >= 2);
        Assert.True(await QueryAsync(http, "sum(passthrough_gateway_outcomes_total{verdict=\"BadPassword\"})") >= 1);
        Assert.Equal(2, await QueryAsync(http, "count(passthrough_agent_domain_controller_up == 1)"));
        Assert.Equal(1, await QueryAsync(http, "sum(passthrough_gateway_forest_agents)"));
        Assert.Equal(2, await QueryAsync(http, "count(passthrough_agent_locks_total)"));
        Assert.Equal(1, await QueryAsync(http, "count(passthrough_gateway_forged_answers_total)"));
        Assert.Equal(1, await QueryAsync(http, "count(passthrough_gateway_outcomes_total{verdict=\"NoAgent\"} == 0)"));
        Assert.Equal(0, await QueryAsync(http, "sum(passthrough_gateway_forged_answers_total)"));
        foreach (var series in Listed().Where(name => !Rare.Any(name.Contains)))
        {
            Assert.True(await QueryAsync(http, $"count({{__name__=~\"{series}(_count)?\"}})") > 0, $"{series} is not there");
        }

        await Eventually.TrueAsync("every rule was asked", Patience, async () =>
            (await RulesAsync(http)) is var rules && rules.Count > 0 && rules.All(rule => (string)rule!["health"]! == "ok"));
        Assert.All(await RulesAsync(http), rule => Assert.NotEqual("firing", (string)rule!["state"]!));
        await NamesNobodyAsync(installation, nobody);
    }

    [Fact]
    public async Task A_busy_node_writes_no_line_for_a_sign_in_that_succeeds()
    {
        await using var installation = await Installation.StartAsync();
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        var before = Lines();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        }

        // What else happens meanwhile may be told.
        Assert.InRange(Lines() - before, 0, 9);

        int Lines() => installation.Agent().Process.Log().Split('\n').Length + installation.Gateway.Log().Split('\n').Length;
    }

    private static async Task NamesNobodyAsync(Installation installation, string nobody)
    {
        using var http = new HttpClient();
        foreach (var address in (string[])[installation.Agent().Monitoring, installation.Monitoring])
        {
            var told = await http.GetStringAsync(new Uri($"http://{address}/metrics")) + await http.GetStringAsync(new Uri($"http://{address}/health/ready"));
            Assert.DoesNotContain("alice", told, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(nobody.Split('@')[0], told, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain('@', told);
        }
    }

    private static (string Address, string Configuration) Configure(Installation installation)
    {
        var configuration = installation.PathOf("prometheus.yml");
        File.WriteAllText(configuration, File.ReadAllText(Path.Combine(Installation.RepositoryRoot, "ops", "dashboards", "prometheus.yml"))
            .Replace("scrape_interval: 15s", "scrape_interval: 1s\n  evaluation_interval: 1s", StringComparison.Ordinal)
            .Replace("rules.yml", Path.Combine(Installation.RepositoryRoot, "ops", "dashboards", "rules.yml"), StringComparison.Ordinal)
            .Replace("127.0.0.1:9111", installation.Agent().Monitoring, StringComparison.Ordinal)
            .Replace("127.0.0.1:9120", installation.Monitoring, StringComparison.Ordinal));
        return ($"127.0.2.1:{PortRange.Mine + 4}", configuration);
    }

    /// <summary>The Prometheus names of docs/METRICS.md.</summary>
    private static IEnumerable<string> Listed() =>
        Row().Matches(File.ReadAllText(Path.Combine(Installation.RepositoryRoot, "docs", "METRICS.md"))).Select(row => row.Groups["name"].Value);

    /// <summary>The value of a question with one answer; 0: it has none, or Prometheus is not there yet.</summary>
    private static async Task<double> QueryAsync(HttpClient http, string question)
    {
        try
        {
            var reply = JsonNode.Parse(await http.GetStringAsync(new Uri($"api/v1/query?query={Uri.EscapeDataString(question)}", UriKind.Relative)))!;
            return reply["data"]!["result"] is JsonArray { Count: > 0 } results
                ? double.Parse((string)results[0]!["value"]![1]!, System.Globalization.CultureInfo.InvariantCulture)
                : 0;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static async Task<JsonArray> RulesAsync(HttpClient http) =>
        JsonNode.Parse(await http.GetStringAsync(new Uri("api/v1/rules", UriKind.Relative)))!["data"]!["groups"]![0]!["rules"]!.AsArray();

    [GeneratedRegex(@"^\| `passthrough\.[a-z_.]+` \| `(?<name>[a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
