using System.Text.Json.Nodes;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>What monitoring systems are told when something is wrong, by the commands that they run.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class HealthTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_lost_domain_controller_is_a_warning_and_a_lost_gateway_or_agent_critical()
    {
        await using var installation = await Installation.StartAsync();
        await HasAsync(installation, 0, "OK - passthrough-agent agent-1: all of agent, cluster, shards, journal, forests, gateways, certificate, clock well");
        await GatewayHasAsync(installation, 0, "OK - passthrough-gateway gateway.cloud.example: all of gateway, database, agents, certificates, clock well");
        var parts = await PartsAsync(installation);
        Assert.Equal("one of 1 member", parts["cluster"]);
        Assert.Equal("corp.example by 2 domain controllers", parts["forests"]);
        Assert.Contains("dc1.corp.example", parts["clock"], StringComparison.Ordinal);
        Assert.Contains("gateway.cloud.example", parts["clock"], StringComparison.Ordinal);

        await using (await Fault.KilledAsync("dc2"))
        {
            await HasAsync(installation, 1, "forests: 1 of 2 domain controllers of corp.example do not answer: dc2.corp.example");
        }

        await HasAsync(installation, 0, "OK");
        await installation.Gateway.KillAsync();
        await HasAsync(installation, 2, "gateways: no stream to https://gateway.cloud.example");
        await GatewayHasAsync(installation, 2, "it does not answer at http://");
        await installation.Agent().Process.KillAsync();
        await HasAsync(installation, 2, "it does not answer at http://");
    }

    private static Task HasAsync(Installation installation, int code, string words) =>
        HasAsync(() => installation.Agent().CommandAsync("health"), code, words);

    private static Task GatewayHasAsync(Installation installation, int code, string words) =>
        HasAsync(() => installation.TryAdminAsync("health"), code, words);

    private static async Task HasAsync(Func<Task<(int Code, string Output)>> ask, int code, string words)
    {
        (int Code, string Output) last = default;
        try
        {
            await Eventually.TrueAsync(words, Patience, async () =>
            {
                last = await ask();
                return last.Code == code && last.Output.Contains(words, StringComparison.Ordinal);
            });
        }
        catch (Exception)
        {
            Assert.Fail($"expected {code} {words}; told {last}");
        }
    }

    private static async Task<Dictionary<string, string>> PartsAsync(Installation installation)
    {
        using var http = new HttpClient();
        var json = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://{installation.Agent().Monitoring}/health/ready")))!;
        return json["parts"]!.AsArray().ToDictionary(part => (string)part!["name"]!, part => (string)part!["reason"]!);
    }
}
