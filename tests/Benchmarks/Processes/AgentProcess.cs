using System.Text.Json.Nodes;
using Passthrough.Benchmarks.EndToEnd;

namespace Passthrough.Benchmarks.Processes;

/// <summary>One agent as it is installed: enrolled with a join token, its journal on SQLite, alone in its cluster.</summary>
internal static class AgentProcess
{
    private static readonly TimeSpan TimeToEnrol = TimeSpan.FromSeconds(60);
    private static readonly string Program = Path.Combine(Repository.BuildOutput("Agent"), "passthrough-agent");

    /// <param name="connections">Connections for binds that it keeps to the directory.</param>
    public static async Task<OwnedProcess> StartAsync(
        ScratchFolder scratch, GatewayProcess gateway, SlapdServer directory, int connections, CancellationToken cancel)
    {
        var configuration = scratch.WriteFile("agent.json", new JsonObject
        {
            ["StateDirectory"] = scratch.Combine("agent"),
            ["OperatorSocket"] = scratch.Combine("operator", "agent.sock"),
            ["Cluster"] = new JsonObject { ["Port"] = 0 },
            ["Forests"] = new JsonArray(new JsonObject
            {
                ["Name"] = BenchUsers.Domain,
                ["ServiceAccount"] = BenchUsers.ServiceAccountDn,
                ["ServiceAccountPasswordFile"] = directory.ServiceAccountPasswordFile,
                ["TrustedCaFile"] = directory.CaFile,
                ["DomainControllers"] = new JsonArray($"{RunCertificates.ServerName}:{directory.Port}"),
                ["ConnectionsPerDomainController"] = connections,
            }),
        }.ToJsonString());
        await OwnedProcess.RunAsync(
            Program, ["enroll", "--config", configuration], TimeToEnrol, cancel,
            new Dictionary<string, string>
            {
                ["PASSTHROUGH_AGENT_GATEWAY"] = gateway.EnrolmentAddress.GetLeftPart(UriPartial.Authority),
                ["PASSTHROUGH_AGENT_TOKEN"] = await gateway.CreateJoinTokenAsync(cancel),
                ["PASSTHROUGH_AGENT_NAME"] = "bench",
            });
        return OwnedProcess.Start("agent", scratch.Combine("agent.log"), Program, ["run", "--config", configuration]);
    }
}
