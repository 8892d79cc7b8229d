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
        await Eventually.TrueAsync(() => collector.SpansOf(right).Count > 1 && collector.Of("metrics").Count > 0, "both have arrived");
        foreach (var (attempt, verdict) in new[] { (wrong, "BadPassword"), (right, "Success") })
        {
            var spans = collector.SpansOf(attempt);
            Assert.Equal(["dispatch", "sign-in"], spans.Select(span => (string?)span["name"]).Order());
            Assert.Equal(
                [verdict], spans.Where(span => (string?)span["name"] == "sign-in").Select(span => OtlpCollector.Attribute(span, "verdict")));
        }

        var verdicts = collector.LabelsOf("passthrough.gateway.outcomes", "verdict");
        Assert.True(verdicts.Contains("BadPassword") && verdicts.Contains("Success"), string.Join(", ", verdicts));
        Assert.Equal(["passthrough-gateway"], collector.Programs);
        foreach (var secret in (string[])["anna", "muster", "hunter2", "192.0.2.17"])
        {
            Assert.DoesNotContain(secret, collector.Text, StringComparison.OrdinalIgnoreCase);
        }
    }
}
