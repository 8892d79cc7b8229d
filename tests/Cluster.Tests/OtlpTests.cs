using Passthrough.Gateway.Tests.Monitoring;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>What a real agent sends to a collector. Its gateway, across the network, sends to its own: OtlpTests of Gateway.Tests.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class OtlpTests
{
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");

    [Fact]
    public async Task Metrics_and_an_agents_part_of_an_attempts_trace_arrive_and_name_nobody()
    {
        await using var collector = await OtlpCollector.StartAsync();
        var wrong = Guid.NewGuid().ToString("n");
        string attempt;
        await using (var installation = await Installation.StartAsync(agentOptions: new Dictionary<string, string>
        {
            ["Monitoring__OtlpEndpoint"] = collector.Address.ToString(),
            ["Monitoring__Traces"] = "true",
        }))
        {
            Assert.Equal("BadPassword", (await installation.ValidateAsync(Alice.Name, wrong)).Verdict);
            var right = await installation.ValidateAsync(Alice.Name, Alice.Password);
            Assert.Equal("Success", right.Verdict);
            attempt = Guid.Parse(right.AttemptId).ToString("n");

            // Who ends in good order sends what it has.
            Assert.Equal(0, await installation.Agent().Process.TerminateAsync());
        }

        string[] steps = ["validate", "lookup", "permit", "bind"];
        await Eventually.TrueAsync("it has told all", TimeSpan.FromSeconds(60), () => Task.FromResult(
            steps.All(collector.SpansOf(attempt).Select(span => (string?)span["name"]).Contains)
            && collector.LabelsOf("passthrough.agent.attempts", "verdict").Contains("Success")));
        Assert.Contains("BadPassword", collector.LabelsOf("passthrough.agent.attempts", "verdict"));
        Assert.Equal(["passthrough-agent"], collector.Programs);
        foreach (var secret in (string[])["alice", Alice.Password, wrong])
        {
            Assert.DoesNotContain(secret, collector.Text, StringComparison.OrdinalIgnoreCase);
        }
    }
}
