using System.Text.Json.Nodes;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Gateway.Tests.TenantPage;

namespace Passthrough.Gateway.Tests.Monitoring;

/// <summary>What a gateway sends to a collector.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Metrics_and_a_trace_of_each_attempt_arrive_without_the_name_of_a_person()
    {
        await using var collector = await OtlpCollector.StartAsync();
        string wrong, right;
        await using (var site = await TenantSite.StartAsync(options =>
        {
            options.Monitoring.OtlpEndpoint = collector.Address.ToString();
            options.Monitoring.Traces = true;
        }))
        {
            wrong = await site.AskAsync("anna.muster@corp.example", "hunter2-wrong");
            right = await site.AskAsync("anna.muster@corp.example", "right");
        }

        // A gateway that ends sends what it has.
        await Eventually.TrueAsync(() => SpansOf(collector, right).Count > 1 && collector.Of("metrics").Count > 0, "both have arrived");
        foreach (var (attempt, verdict) in new[] { (wrong, "BadPassword"), (right, "Success") })
        {
            var spans = SpansOf(collector, attempt);
            Assert.Equal(["dispatch", "sign-in"], spans.Select(span => (string?)span["name"]).Order());
            Assert.Equal([verdict], spans.Where(span => (string?)span["name"] == "sign-in").Select(span => Attribute(span, "verdict")));
        }

        var metrics = collector.Of("metrics").SelectMany(each => Nodes(each, "resourceMetrics"))
            .SelectMany(each => Nodes(each, "scopeMetrics")).SelectMany(each => Nodes(each, "metrics")).ToList();
        var outcomes = metrics.Last(metric => (string?)metric["name"] == "passthrough.gateway.outcomes");
        var verdicts = Nodes(outcomes["sum"]!, "dataPoints").Select(point => Attribute(point, "verdict")).ToList();
        Assert.True(verdicts.Contains("BadPassword") && verdicts.Contains("Success"), outcomes.ToJsonString());
        Assert.All(
            collector.Of("traces").SelectMany(each => Nodes(each, "resourceSpans")).Concat(collector.Of("metrics").SelectMany(each => Nodes(each, "resourceMetrics"))),
            each => Assert.Equal("passthrough-gateway", Attribute(each["resource"]!, "service.name")));
        foreach (var secret in (string[])["anna", "muster", "hunter2", "192.0.2.17"])
        {
            Assert.DoesNotContain(secret, collector.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static List<JsonNode> SpansOf(OtlpCollector collector, string attempt) =>
    [
        .. collector.Of("traces").SelectMany(each => Nodes(each, "resourceSpans")).SelectMany(each => Nodes(each, "scopeSpans"))
            .SelectMany(each => Nodes(each, "spans")).Where(span => (string?)span["traceId"] == attempt),
    ];

    private static IEnumerable<JsonNode> Nodes(JsonNode parent, string name) => parent[name]?.AsArray().OfType<JsonNode>() ?? [];

    private static string? Attribute(JsonNode of, string key) =>
        (string?)Nodes(of, "attributes").Single(each => (string?)each["key"] == key)["value"]!["stringValue"];
}
