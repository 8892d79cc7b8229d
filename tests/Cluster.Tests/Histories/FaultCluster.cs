using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Passthrough.Agent.Tests.Support;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>A gateway, three agents each in a network namespace of its own, a journal in PostgreSQL and slapd as the directory: real processes,
/// and switches for what may go wrong. An agent that ends is started again, as a service manager does. Needs root, and nothing of the
/// lab.</summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    public const int Agents = FaultPlan.Agents, Budget = 10;

    private const string Tenant = "demo";
    private const int PagePort = 8443, EnrolmentPort = 8444, StreamPort = 8445, ClusterPort = 4053, DirectoryPort = 3890;
    private static readonly Dictionary<string, string> NoMore = [];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("passthrough-faults-");
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly FaultAgent[] _agents = new FaultAgent[Agents];
    private readonly CancellationTokenSource _stop = new();
    private AgentNetwork _network = null!;
    private PeopleDirectory _directory = null!;
    private Relay _stream = null!;
    private HttpClient _services = null!;
    private Task _watching = Task.CompletedTask;

    public PostgreSql Journal { get; private set; } = null!;

    public DirectoryRelay DirectoryRelay { get; private set; } = null!;

    public IReadOnlyList<FaultAgent> Nodes => _agents;

    /// <summary>The relay to it.</summary>
    public string DirectoryUri => $"ldap://{_network.Relays}:{DirectoryPort.ToString(CultureInfo.InvariantCulture)}";

    private Dictionary<string, string> GatewayEnvironment => new() { ["PASSTHROUGH_GATEWAY_CONFIG"] = PathOf("gateway.json") };

    /// <param name="people">In the directory.</param>
    /// <param name="hasSmallDisk">The journal's database has a disk of its own, to be filled.</param>
    /// <param name="hasClocks">Each agent has a wall clock of its own, to be set.</param>
    public static async Task<FaultCluster> StartAsync(int people, bool hasSmallDisk = false, bool hasClocks = false)
    {
        var cluster = new FaultCluster();
        try
        {
            await cluster.BuildAsync(people, hasSmallDisk, hasClocks);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One call of the JSON endpoint.</summary>
    /// <param name="address">Of the person; null: not told.</param>
    public async Task<Validation> ValidateAsync(string name, string password, string? address)
    {
        var body = new Dictionary<string, string> { ["userName"] = name, ["password"] = password };
        if (address is not null)
        {
            body["clientAddress"] = address;
        }

        using var reply = await _services.PostAsJsonAsync(new Uri($"/v1/tenants/{Tenant}/validations", UriKind.Relative), body);
        var text = await reply.Content.ReadAsStringAsync();
        return JsonSerializer.Deserialize<Validation>(text, JsonSerializerOptions.Web) is { Verdict: not null } validation
            ? validation with { Status = (int)reply.StatusCode }
            : throw new InvalidOperationException($"{(int)reply.StatusCode}: {text}");
    }

    /// <summary>All agents run, are one cluster, and the journal has what was counted while it was away.</summary>
    public Task<TimeSpan> WholeAsync() => Eventually.TrueAsync($"the cluster is whole ({_home.FullName})", Patience, async () =>
    {
        foreach (var agent in _agents)
        {
            var (code, shown, _) = await ServiceProcess.TryRunAsync(
                NoMore, "dotnet", Installation.Dll("OperatorConsole", "pbm"), agent.OperatorSocket, "cluster", "show");
            var lines = shown.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (code != 0 || lines.Length != Agents || !lines.All(line => line.Contains("| up | reachable |", StringComparison.Ordinal))
                || agent.Outages(default).Any(outage => outage.Until == DateTimeOffset.MaxValue))
            {
                return false;
            }
        }

        return true;
    });

    /// <summary>Throws the switch, and throws it back when the fault is over.</summary>
    public async Task<IAsyncDisposable> MakeAsync(FaultKind kind, int agent)
    {
        var node = _agents[agent];
        var others = Enumerable.Range(0, Agents).Where(other => other != agent).ToList();
        IEnumerable<(int, int)> outward = [.. others.Select(other => (agent, other))], inward = [.. others.Select(other => (other, agent))];
        switch (kind)
        {
            case FaultKind.KillAgent:
                await node.KillAsync();
                return new Undo(node.StartAsync);
            case FaultKind.PauseAgent:
                await node.PauseAsync();
                return new Undo(node.GoOnAsync);
            case FaultKind.CutOff:
                return await CutAsync([.. outward, .. inward]);
            case FaultKind.CutOffOutward:
                return await CutAsync(outward);
            case FaultKind.CutOffInward:
                return await CutAsync(inward);
            case FaultKind.Unplug:
                var cut = await CutAsync([.. outward, .. inward]);
                await _network.CutRelaysAsync(agent, isCut: true);
                return new Undo(async () =>
                {
                    await _network.CutRelaysAsync(agent, isCut: false);
                    await cut.DisposeAsync();
                });
            case FaultKind.ClockForward or FaultKind.ClockBack:
                node.Clock!.Set(TimeSpan.FromHours(kind == FaultKind.ClockForward ? 1 : -1));
                return new Undo(() => Told(() => node.Clock.Set(TimeSpan.Zero)));
            case FaultKind.LosePackets:
                await _network.LoseAsync(agent, isLossy: true);
                return new Undo(() => _network.LoseAsync(agent, isLossy: false));
            default:
                return kind < FaultKind.KillJournal ? OfStream(kind, _network.AddressOf(agent)) : await OfServerAsync(kind);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var agent in _agents.OfType<FaultAgent>())
        {
            await agent.DisposeAsync();
        }

        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        _services?.Dispose();
        var kept = Directory.CreateDirectory(Path.Combine(Installation.RepositoryRoot, "artifacts", "lab-tests"));
        foreach (var log in _home.GetFiles("*.log"))
        {
            log.CopyTo(Path.Combine(kept.FullName, $"{_home.Name}-{log.Name}"), overwrite: true);
        }

        _home.Delete(recursive: true);
        _stop.Dispose();
    }

    private async Task<Undo> CutAsync(IEnumerable<(int From, int To)> ways)
    {
        await _network.CutAsync(ways, isCut: true);
        return new Undo(() => _network.CutAsync(ways, isCut: false));
    }

    private Undo OfStream(FaultKind kind, string client)
    {
        switch (kind)
        {
            case FaultKind.DelayStream:
                _stream.Delay(client, TimeSpan.FromMilliseconds(400));
                return new Undo(() => Told(() => _stream.Delay(client, TimeSpan.Zero)));
            case FaultKind.StallStream:
                _stream.Hold(client);
                return new Undo(() => Told(() => _stream.LetGo(client)));
            default:
                _stream.Break(client);
                return new Undo(() => Task.CompletedTask);
        }
    }

    private static Task Told(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private async Task<Undo> OfServerAsync(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.KillJournal:
                await Journal.CrashAsync();
                return new Undo(Journal.StartAsync);
            case FaultKind.PauseJournal:
                await Journal.FreezeAsync();
                return new Undo(Journal.ThawAsync);
            case FaultKind.FillDisk:
                await Journal.FillDiskAsync();
                return new Undo(Journal.EmptyDiskAsync);
            case FaultKind.KillDirectory:
                await DirectoryRelay.CloseAsync();
                await _directory.KillAsync();
                return new Undo(async () =>
                {
                    await _directory.StartAsync();
                    DirectoryRelay.Open();
                });
            default:
                await _directory.PauseAsync();
                return new Undo(_directory.GoOnAsync);
        }
    }

    private async Task BuildAsync(int people, bool hasSmallDisk, bool hasClocks)
    {
        _network = Keep(await AgentNetwork.MakeAsync(Agents));

        // Logical decoding: what was committed, and when, can be read from the database's own log of it.
        string[] settings = ["wal_level=logical", "max_connections=400"];
        Journal = Keep(await (hasSmallDisk ? PostgreSql.MakeOnSmallDiskAsync(settings) : PostgreSql.MakeAsync(settings: settings)));
        _directory = Keep(await PeopleDirectory.StartAsync(people));
        DirectoryRelay = Keep(new DirectoryRelay(At(_network.Relays, DirectoryPort), _directory.Socket));
        _stream = Keep(new Relay(At(_network.Relays, StreamPort), At(_network.Gateway, StreamPort)));
        DirectoryRelay.Open();
        _stream.Open();
        var (key, tokens) = await StartGatewayAsync();
        await Task.WhenAll(Enumerable.Range(0, Agents).Select(async i =>
        {
            var clock = hasClocks ? await SteppedClock.MakeAsync(PathOf($"agent-{i + 1}.clock")) : null;
            _agents[i] = new FaultAgent($"agent-{i + 1}", PathOf, command => _network.In(i, command), clock);
            await _agents[i].EnrolAsync(AgentConfiguration(i), $"https://{_network.Gateway}:{EnrolmentPort}", tokens[i]);
            await _agents[i].StartAsync();
        }));
        _watching = WatchAsync();
        _services.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await WholeAsync();

        // Somebody who is not there, and somebody else each time: names of nobody are locked as accounts are.
        await Eventually.TrueAsync("an agent checks passwords", Patience, async () =>
            (await ValidateAsync($"{Guid.NewGuid():n}@{PeopleDirectory.Forest}", "x", null)).Verdict == "UserNotFoundInForest");
    }

    private async Task<(string ApiKey, string[] Tokens)> StartGatewayAsync()
    {
        await File.WriteAllTextAsync(PathOf("gateway.json"), JsonSerializer.Serialize(new
        {
            StateDirectory = PathOf("gateway"),
            Names = (string[])[_network.Relays, _network.Gateway],
            Listen = new { Address = _network.Gateway, PagePort, EnrolmentPort, StreamPort },
        }));
        await AdminAsync("tenant", "create", Tenant, "--suffix", PeopleDirectory.Forest, "--suffix", $"CORP={PeopleDirectory.Forest}");
        var key = (string)(await AdminAsync("apikey", "create", "--tenant", Tenant, "--name", "tests"))["key"]!;
        var tokens = new string[Agents];
        for (var i = 0; i < Agents; i++)
        {
            tokens[i] = (string)(await AdminAsync("token", "create", "--tenant", Tenant))["token"]!;
        }

        var gateway = Keep(ServiceProcess.Start(PathOf("gateway.log"), GatewayEnvironment, "dotnet", Installation.Dll("Gateway", "passthrough-gateway"), "run"));
        _services = NewClient();
        await Eventually.TrueAsync("the gateway answers", Patience, async () =>
        {
            try
            {
                using var reply = await _services.GetAsync(new Uri("/health/live", UriKind.Relative));
                return reply.IsSuccessStatusCode;
            }
            catch (HttpRequestException) when (!gateway.HasExited)
            {
                return false;
            }
        });
        return (key, tokens);
    }

    private async Task<JsonNode> AdminAsync(params string[] command) => JsonNode.Parse(
        await ServiceProcess.RunAsync(GatewayEnvironment, ["dotnet", Installation.Dll("Gateway", "passthrough-gateway"), .. command, "--json"]))!;

    private string AgentConfiguration(int agent)
    {
        foreach (var (file, text) in new[] { ("journal.connection", Journal.ConnectionString), ("people.password", PeopleDirectory.ServicePassword) })
        {
            File.WriteAllText(PathOf($"{agent}.{file}"), text);
            File.SetUnixFileMode(PathOf($"{agent}.{file}"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return JsonSerializer.Serialize(new
        {
            StateDirectory = PathOf(_agents[agent].Name),
            OperatorSocket = _agents[agent].OperatorSocket,
            Cluster = new { BindAddress = _network.AddressOf(agent), Port = ClusterPort },
            Journal = new { Provider = "PostgreSql", ConnectionStringFile = PathOf($"{agent}.journal.connection") },

            // No lock ends within a history, also where a clock is set an hour forward.
            Lockout = new { Budget, LockTime = "1.00:00:00", LongestLock = "1.00:00:00" },
            Forests = (object[])
            [
                new
                {
                    Name = PeopleDirectory.Forest,
                    NetBiosName = "CORP",
                    ServiceAccount = PeopleDirectory.ServiceAccount,
                    ServiceAccountPasswordFile = PathOf($"{agent}.people.password"),
                    DomainControllers = (string[])[$"{_network.Relays}:{DirectoryPort.ToString(CultureInfo.InvariantCulture)}"],
                    LabOnlyPlainLdap = true,
                },
            ],
        });
    }

    /// <summary>The service manager.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            foreach (var agent in _agents)
            {
                await agent.StartAgainIfEndedAsync();
            }
        }
    }

    private HttpClient NewClient()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(PathOf("gateway/ca.crt"));
            return presented is X509Certificate2 certificate && chain.Build(certificate);
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://{_network.Gateway}:{PagePort}/"), Timeout = TimeSpan.FromSeconds(40) };
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }

    private string PathOf(string name) => Path.Combine(_home.FullName, name);

    private static IPEndPoint At(string address, int port) => new(IPAddress.Parse(address), port);

    private sealed class Undo(Func<Task> undo) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(undo());
    }
}
