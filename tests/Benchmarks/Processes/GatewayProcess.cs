using System.Text.Json.Nodes;
using Passthrough.Benchmarks.EndToEnd;

namespace Passthrough.Benchmarks.Processes;

/// <summary>The gateway as it is installed: its own process, its options in a file, one tenant made by its command line.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    public const string Tenant = "bench";
    private static readonly TimeSpan CommandTime = TimeSpan.FromSeconds(60);
    private static readonly string Program = Path.Combine(Repository.BuildOutput("Gateway"), "passthrough-gateway");
    private readonly string _configuration;

    private GatewayProcess(OwnedProcess process, string configuration, int pagePort, int enrolmentPort, string stateDirectory)
    {
        (Process, _configuration) = (process, configuration);
        Endpoint = new Uri($"https://localhost:{pagePort}/v1/tenants/{Tenant}/validations");
        EnrolmentAddress = new Uri($"https://localhost:{enrolmentPort}");
        CaFile = Path.Combine(stateDirectory, "ca.crt");
    }

    public OwnedProcess Process { get; }

    /// <summary>Where services have passwords validated.</summary>
    public Uri Endpoint { get; }

    public Uri EnrolmentAddress { get; }

    /// <summary>The certificate of its private CA.</summary>
    public string CaFile { get; }

    public static async Task<GatewayProcess> StartAsync(ScratchFolder scratch, CancellationToken cancel)
    {
        var (page, enrolment, stream) = (LoopbackPort.FreeTcp(), LoopbackPort.FreeTcp(), LoopbackPort.FreeTcp());
        var state = scratch.Combine("gateway");
        var configuration = scratch.WriteFile("gateway.json", new JsonObject
        {
            ["StateDirectory"] = state,
            ["Names"] = new JsonArray("localhost"),
            ["Listen"] = new JsonObject
            {
                ["Address"] = "127.0.0.1",
                ["PagePort"] = page,
                ["EnrolmentPort"] = enrolment,
                ["StreamPort"] = stream,
            },
        }.ToJsonString());
        var process = OwnedProcess.Start("gateway", scratch.Combine("gateway.log"), Program, ["run", "--config", configuration]);
        var gateway = new GatewayProcess(process, configuration, page, enrolment, state);
        try
        {
            await process.WaitUntilAsync(inTime => LoopbackPort.AcceptsAsync(enrolment, inTime), CommandTime, cancel);
            await process.WaitUntilAsync(inTime => LoopbackPort.AcceptsAsync(page, inTime), CommandTime, cancel);
            await gateway.AdministerAsync(cancel, "tenant", "create", Tenant, "--suffix", BenchUsers.Domain);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async Task<string> CreateJoinTokenAsync(CancellationToken cancel) =>
        (string)(await AdministerAsync(cancel, "token", "create", "--tenant", Tenant))["token"]!;

    public async Task<string> CreateApiKeyAsync(CancellationToken cancel) =>
        (string)(await AdministerAsync(cancel, "apikey", "create", "--tenant", Tenant, "--name", "benchmark"))["key"]!;

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task<JsonNode> AdministerAsync(CancellationToken cancel, params string[] command) =>
        JsonNode.Parse(await OwnedProcess.RunAsync(Program, [.. command, "--json", "--config", _configuration], CommandTime, cancel))!;
}
