using System.Text.Json.Nodes;
using Passthrough.Benchmarks.EndToEnd;

namespace Passthrough.Benchmarks.Processes;

/// <summary>One agent as it is installed: enrolled with a join token.</summary>
internal sealed class AgentProcess
{
    private static readonly TimeSpan TimeToEnrol = TimeSpan.FromSeconds(60);
    private static readonly string Program = Path.Combine(Repository.BuildOutput("Agent"), "passthrough-agent");
    private readonly string _name, _log, _configuration;

    private AgentProcess(string name, string log, string configuration, string operatorSocket) =>
        (_name, _log, _configuration, OperatorSocket) = (name, log, configuration, operatorSocket);

    public string OperatorSocket { get; }

    /// <param name="connections">Connections for binds that it keeps to the directory.</param>
    /// <param name="port">Of what stands before the directory; 0: its own.</param>
    /// <param name="journal">The database that several agents share; null: one in SQLite of its own.</param>
    public static async Task<AgentProcess> EnrolAsync(
        string name, ScratchFolder scratch, GatewayProcess gateway, SlapdServer directory, int connections, CancellationToken cancel,
        PostgreSqlServer? journal = null, int port = 0)
    {
        var socket = scratch.Combine(name, "operator.sock");
        var settings = new JsonObject
        {
            ["StateDirectory"] = scratch.Combine(name),
            [nameof(OperatorSocket)] = socket,
            ["Cluster"] = new JsonObject { ["Port"] = LoopbackPort.FreeTcp() },
            // Whoever is locked stays it: what is counted is how many tries there were.
            ["Lockout"] = new JsonObject { ["LockTime"] = "00:10:00" },
            ["Forests"] = new JsonArray(new JsonObject
            {
                ["Name"] = BenchUsers.Domain,
                ["ServiceAccount"] = BenchUsers.ServiceAccountDn,
                ["ServiceAccountPasswordFile"] = directory.ServiceAccountPasswordFile,
                ["TrustedCaFile"] = directory.CaFile,
                ["DomainControllers"] = new JsonArray($"{RunCertificates.ServerName}:{(port == 0 ? directory.Port : port)}"),
                ["ConnectionsPerDomainController"] = connections,
            }),
        };
        if (journal is not null)
        {
            settings["Journal"] = new JsonObject
            {
                ["Provider"] = "PostgreSql",
                ["ConnectionStringFile"] = scratch.WriteFile($"{name}-journal", journal.ConnectionString),
            };
        }

        var configuration = scratch.WriteFile($"{name}.json", settings.ToJsonString());
        await OwnedProcess.RunAsync(
            Program, ["enroll", "--config", configuration], TimeToEnrol, cancel,
            new Dictionary<string, string>
            {
                ["PASSTHROUGH_AGENT_GATEWAY"] = gateway.EnrolmentAddress.GetLeftPart(UriPartial.Authority),
                ["PASSTHROUGH_AGENT_TOKEN"] = await gateway.CreateJoinTokenAsync(cancel),
                ["PASSTHROUGH_AGENT_NAME"] = name,
            });
        return new(name, scratch.Combine($"{name}.log"), configuration, socket);
    }

    /// <summary>Also again, when it has ended.</summary>
    public OwnedProcess Start() => OwnedProcess.Start(_name, _log, Program, ["run", "--config", _configuration]);
}
