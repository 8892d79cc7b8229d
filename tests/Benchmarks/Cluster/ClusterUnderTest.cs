using System.Globalization;
using Passthrough.Benchmarks.EndToEnd;
using Passthrough.Benchmarks.Load;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Cluster;

/// <summary>A gateway and agents that are one cluster, over slapd and a PostgreSQL of their own, all on this machine.</summary>
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    private const int DefaultConnections = 16;
    private static readonly TimeSpan TimeToForm = TimeSpan.FromMinutes(3), TimeOfCommand = TimeSpan.FromSeconds(20);
    private static readonly string Pbm = Path.Combine(Repository.BuildOutput("OperatorConsole"), "pbm");
    private readonly ScratchFolder _scratch = new();
    private readonly List<AgentProcess> _installed = [];
    private readonly List<OwnedProcess> _running = [];
    private readonly Stack<IAsyncDisposable> _others = [];
    private HttpMessageInvoker? _http;

    private ClusterUnderTest(BenchUsers users) => Users = users;

    public BenchUsers Users { get; }

    public ValidationService Service { get; private set; } = null!;

    public OwnedProcess Gateway { get; private set; } = null!;

    public OwnedProcess Directory { get; private set; } = null!;

    public OwnedProcess Journal { get; private set; } = null!;

    public IReadOnlyList<OwnedProcess> Agents => _running;

    /// <summary>Comes back when all agents are members and people can sign in.</summary>
    /// <param name="connections">For binds, of each agent.</param>
    /// <param name="bindTime">What the directory's answers take beside its own work.</param>
    public static async Task<ClusterUnderTest> StartAsync(
        int agents, int users, Action<string> progress, CancellationToken cancel, int connections = DefaultConnections, TimeSpan bindTime = default)
    {
        var cluster = new ClusterUnderTest(new BenchUsers(users));
        try
        {
            await cluster.BringUpAsync(agents, connections, bindTime, progress, cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts an agent again that has ended.</summary>
    public void Restart(int agent) => _running[agent] = _installed[agent].Start();

    /// <summary>Waits until an agent sees so many members, all of them reachable.</summary>
    public Task WaitForMembersAsync(int seenBy, int count, CancellationToken cancel) =>
        _running[seenBy].WaitUntilAsync(inTime => SeesAsync(seenBy, count, inTime), TimeToForm, cancel);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_running.Select(async agent => await agent.DisposeAsync()));
        _http?.Dispose();
        while (_others.TryPop(out var other))
        {
            await other.DisposeAsync();
        }

        _scratch.Dispose();
    }

    private async Task BringUpAsync(int agents, int connections, TimeSpan bindTime, Action<string> progress, CancellationToken cancel)
    {
        progress($"slapd with {Users.Count} users, PostgreSQL, gateway ...");
        var directory = Own(await SlapdServer.StartAsync(_scratch, RunCertificates.Create(_scratch, TimeProvider.System.GetUtcNow()), Users, cancel));
        var journal = Own(await PostgreSqlServer.StartAsync(_scratch, cancel));
        var gateway = Own(await GatewayProcess.StartAsync(_scratch, cancel));
        (Directory, Journal, Gateway) = (directory.Process, journal.Process, gateway.Process);
        var port = bindTime > TimeSpan.Zero ? StartRelay(directory.Port, bindTime) : 0;
        for (var i = 1; i <= agents; i++)
        {
            _installed.Add(await AgentProcess.EnrolAsync($"agent-{i}", _scratch, gateway, directory, connections, cancel, journal, port));
            _running.Add(_installed[^1].Start());
        }

        for (var i = 0; i < agents; i++)
        {
            await WaitForMembersAsync(i, agents, cancel);
        }

        progress($"{agents} of {agents} agents are one cluster");
        _http = GatewayConnections.Open(gateway.CaFile);
        Service = new ValidationService(_http, gateway.Endpoint, await gateway.CreateApiKeyAsync(cancel), TimeSpan.FromSeconds(15));
        await Gateway.WaitUntilAsync(
            async inTime => (await Service.ValidateAsync(BenchUsers.Upn(0), BenchUsers.Password(0), inTime)).Reply?.Verdict == "Success",
            TimeToForm, cancel);
    }

    private int StartRelay(int directory, TimeSpan delay)
    {
        var port = LoopbackPort.FreeTcp();
        Own(OwnedProcess.Start(
            "relay", _scratch.Combine("relay.log"), "python3",
            [
                Path.Combine(Repository.Root, "tests", "Lab.Tests", "Directories", "delaying-relay.py"), $"{port}", $"127.0.0.1:{directory}",
                _scratch.WriteFile("delay", delay.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
            ]));
        return port;
    }

    private async Task<bool> SeesAsync(int agent, int count, CancellationToken cancel)
    {
        try
        {
            var shown = await OwnedProcess.RunAsync(Pbm, [_installed[agent].OperatorSocket, "cluster", "show"], TimeOfCommand, cancel);
            return shown.Split('\n').Count(line => line.Contains("| up | reachable |", StringComparison.Ordinal)) == count;
        }
        catch (BenchmarkFault)
        {
            return false;
        }
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _others.Push(part);
        return part;
    }
}
