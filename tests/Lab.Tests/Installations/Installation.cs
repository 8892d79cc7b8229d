using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Passthrough.Lab.Tests.Directories;

namespace Passthrough.Lab.Tests.Installations;

/// <summary>A gateway in the cloud's namespace and agents on the premises: real processes, real command lines, the lab's
/// directory. Tests run in the agent's namespace.</summary>
internal sealed class Installation : IAsyncDisposable
{
    public const string Tenant = "demo", CertificateLifetime = "Agents__CertificateLifetime";
    private const string GatewayName = "gateway.cloud.example";
    private const string ApiKeyFile = "apikey";
    private const int EnrolledAgents = 2;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    /// <summary>Made once by the real commands, which take longer than all else; what most installations begin with.</summary>
    private static readonly Lazy<Task<Installation>> Model = new(MakeModelAsync);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("passthrough-lab-");
    private readonly Dictionary<string, string> _gatewayEnvironment;
    private readonly List<AgentNode> _agents = [];
    private readonly int _port = PortRange.Mine;
    private HttpClient? _services;

    private Installation(IReadOnlyDictionary<string, string>? gatewayOptions = null)
    {
        gatewayOptions ??= new Dictionary<string, string>();
        _gatewayEnvironment = new(gatewayOptions.ToDictionary(o => $"PASSTHROUGH_GATEWAY__{o.Key}", o => o.Value))
        {
            ["PASSTHROUGH_GATEWAY__StateDirectory"] = PathOf("gateway"),
            ["PASSTHROUGH_GATEWAY__Names__0"] = GatewayName,
            ["PASSTHROUGH_GATEWAY__Listen__Address"] = LabPeople.Variable("LAB_GATEWAY_ADDRESS"),
            ["PASSTHROUGH_GATEWAY__Listen__PagePort"] = Text(_port),
            ["PASSTHROUGH_GATEWAY__Listen__EnrolmentPort"] = Text(_port + 1),
            ["PASSTHROUGH_GATEWAY__Listen__StreamPort"] = Text(_port + 2),
            ["PASSTHROUGH_GATEWAY__Monitoring__Listen"] = Monitoring,
        };
    }

    public static string RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory);

    public ServiceProcess Gateway { get; private set; } = null!;

    /// <summary>What an agent's command line begins with, as <c>unshare</c>.</summary>
    public IReadOnlyList<string> AgentsIn { get; private init; } = [];

    public IReadOnlyDictionary<string, string> GatewayEnvironment => _gatewayEnvironment;

    public static string[] GatewayCommand => CloudCommand("Gateway", "passthrough-gateway");

    /// <summary>Its agents serve fabrikam.test too.</summary>
    public bool HasBothForests { get; private init; }

    public string Home => _home.FullName;

    public int StreamPort => _port + 2;

    /// <summary>Where the gateway tells how it is; tests must reach it.</summary>
    public string Monitoring => $"{LabPeople.Variable("LAB_GATEWAY_ADDRESS")}:{_port + 3}";

    public Uri Page => new($"https://{GatewayName}:{_port}/");

    public Uri Enrolment => new($"https://{GatewayName}:{_port + 1}/");

    /// <summary>Starts a gateway with a tenant for corp.example and, unless told otherwise, one agent; waits until it checks
    /// passwords. One at a time in a process of tests: the ports are the same.</summary>
    /// <param name="gatewayOptions">Over the defaults, as <c>SignIn__SourceBurst</c>. With a <see cref="CertificateLifetime"/> of
    /// their own the agents enrol anew, under it.</param>
    public static async Task<Installation> StartAsync(
        IReadOnlyDictionary<string, string>? gatewayOptions = null, int agents = 1,
        IReadOnlyDictionary<string, string>? agentOptions = null, IReadOnlyList<string>? agentsIn = null)
    {
        var model = await Model.Value;
        var installation = new Installation(gatewayOptions) { AgentsIn = agentsIn ?? [] };
        try
        {
            installation.Copy(model, "gateway");
            File.Copy(model.PathOf(ApiKeyFile), installation.PathOf(ApiKeyFile));
            var gateway = installation.StartGatewayAsync();
            var first = gatewayOptions?.ContainsKey(CertificateLifetime) == true ? EnrolledAgents + 1 : 1;
            for (var i = first; i < first + agents; i++)
            {
                var agent = installation.NewAgent($"agent-{i}", agentOptions);
                if (i <= EnrolledAgents)
                {
                    installation.Copy(model, agent.Name);
                }
                else
                {
                    await gateway;
                    await agent.EnrolAsync(await installation.CreateTokenAsync());
                }
            }

            await Task.WhenAll(installation._agents.Select(agent => agent.StartAsync(gateway)).Append(gateway));
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a gateway with a tenant for both forests of the lab, and a cluster of agents that serve both, one for each of
    /// the options.</summary>
    public static async Task<Installation> StartBothForestsAsync(params IReadOnlyDictionary<string, string>[] agentOptions)
    {
        var installation = new Installation { HasBothForests = true };
        try
        {
            await installation.CreateTenantAsync(
                "corp.example", "CORP=corp.example", "contoso.com=corp.example", "shared.example=corp.example", "added.example=corp.example",
                "evilcorp.example=corp.example", "fabrikam.test", "FABRIKAM=fabrikam.test", "brand-b.example=fabrikam.test",
                "misrouted.fabrikam.test=corp.example");
            await installation.StartGatewayAsync();
            foreach (var options in agentOptions)
            {
                var own = new Dictionary<string, string>(options) { ["Journal__Path"] = installation.PathOf("journal.db") };
                if (agentOptions.Length > 1)
                {
                    own["Cluster__SeedNodes__0"] = $"127.0.0.1:{PortRange.Mine + 5}";
                }

                var agent = installation.NewAgent($"agent-{installation._agents.Count + 1}", own);
                await agent.EnrolAsync(await installation.CreateTokenAsync());
                await agent.StartAsync();
            }

            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    public string PathOf(string name) => Path.Combine(Home, name);

    /// <summary>A command of <c>passthrough-gateway</c>.</summary>
    public Task<string> AdminAsync(params string[] args) =>
        ServiceProcess.RunAsync(_gatewayEnvironment, [.. GatewayCommand, .. args]);

    /// <summary>The same, whatever its exit code; what it says, errors too.</summary>
    public async Task<(int Code, string Output)> TryAdminAsync(params string[] args)
    {
        var (code, output, error) = await ServiceProcess.TryRunAsync(
            _gatewayEnvironment, [.. GatewayCommand, .. args]);
        return (code, (output + error).Trim());
    }

    public async Task<JsonNode> AdminJsonAsync(params string[] args) => JsonNode.Parse(await AdminAsync([.. args, "--json"]))!;

    public async Task StartGatewayAsync()
    {
        Gateway = ServiceProcess.Start(
            PathOf("gateway.log"), _gatewayEnvironment, [.. GatewayCommand, "run"]);
        using var client = NewClient();
        await Eventually.TrueAsync($"the gateway answers ({Gateway.LogFile})", StartPatience, async () =>
            Gateway.HasExited
                ? throw new InvalidOperationException($"the gateway ended: {Gateway.Log()}")
                : await AnswersAsync(client));
        if (_services is null)
        {
            _services = NewClient();
            _services.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Bearer", await File.ReadAllTextAsync(PathOf(ApiKeyFile)));
        }
    }

    /// <summary>A join token, good for one agent.</summary>
    public async Task<string> CreateTokenAsync() => (string)(await AdminJsonAsync("token", "create", "--tenant", Tenant))["token"]!;

    public AgentNode NewAgent(string name, IReadOnlyDictionary<string, string>? options = null)
    {
        var agent = new AgentNode(this, name, _agents.Count, options);
        _agents.Add(agent);
        return agent;
    }

    public AgentNode Agent(int index = 0) => _agents[index];

    /// <summary>One call of the JSON endpoint.</summary>
    public async Task<Validation> ValidateAsync(string name, string password)
    {
        using var reply = await _services!.PostAsJsonAsync(
            new Uri($"/v1/tenants/{Tenant}/validations", UriKind.Relative), new { userName = name, password });
        var text = await reply.Content.ReadAsStringAsync();
        return JsonSerializer.Deserialize<Validation>(text, JsonSerializerOptions.Web) is { Verdict: not null } validation
            ? validation with { Status = (int)reply.StatusCode }
            : throw new InvalidOperationException($"{(int)reply.StatusCode}: {text}");
    }

    /// <summary>A client that trusts the gateway's CA, with a jar of cookies of its own.</summary>
    public HttpClient NewClient()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => IsOurs(certificate);
        return new HttpClient(handler) { BaseAddress = Page, Timeout = TimeSpan.FromSeconds(40) };
    }

    /// <summary>Waits until somebody who is not there is found not to be there: by an agent that asked a controller. Somebody else
    /// each time: names of nobody are locked as accounts are.</summary>
    public Task<TimeSpan> ReadyAsync() => Eventually.TrueAsync(
        $"an agent checks passwords ({Home})", StartPatience,
        async () => (await ValidateAsync($"{Guid.NewGuid():n}@corp.example", "x")).Verdict == "UserNotFoundInForest");

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        if (Gateway is not null)
        {
            await Gateway.DisposeAsync();
        }

        _services?.Dispose();
        var kept = Path.Combine(RepositoryRoot, "artifacts", "lab-tests");
        Directory.CreateDirectory(kept);
        foreach (var log in Directory.GetFiles(Home, "*.log"))
        {
            File.Copy(log, Path.Combine(kept, $"{_home.Name}-{Path.GetFileName(log)}"), overwrite: true);
        }

        _home.Delete(recursive: true);
    }

    internal static string Dll(string project, string assembly) =>
        Path.Combine(RepositoryRoot, "src", project, "bin", Configuration, "net10.0", $"{assembly}.dll");

    internal static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private static async Task<Installation> MakeModelAsync()
    {
        var model = new Installation();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => model._home.Delete(recursive: true);
        await model.CreateTenantAsync("corp.example", "contoso.com=corp.example", "CORP=corp.example", "altmail.example=corp.example");
        await model.StartGatewayAsync();
        await Task.WhenAll(Enumerable.Range(1, EnrolledAgents).Select(async i =>
            await model.NewAgent($"agent-{i}").EnrolAsync(await model.CreateTokenAsync())));
        await model.Gateway.TerminateAsync();
        await model.Gateway.DisposeAsync();
        return model;
    }

    private async Task CreateTenantAsync(params string[] suffixes)
    {
        await AdminAsync(["tenant", "create", Tenant, .. suffixes.SelectMany(suffix => new[] { "--suffix", suffix })]);
        var key = (string)(await AdminJsonAsync("apikey", "create", "--tenant", Tenant, "--name", "tests"))["key"]!;
        await File.WriteAllTextAsync(PathOf(ApiKeyFile), key);
    }

    private void Copy(Installation from, string folder)
    {
        foreach (var file in Directory.GetFiles(from.PathOf(folder), "*", SearchOption.AllDirectories))
        {
            var copy = PathOf(Path.GetRelativePath(from.Home, file));
            var parent = Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            parent.UnixFileMode = File.GetUnixFileMode(Path.GetDirectoryName(file)!);
            File.Copy(file, copy);
        }
    }

    private static string[] CloudCommand(string project, string assembly) =>
        ["ip", "netns", "exec", LabPeople.Variable("LAB_CLOUD_NAMESPACE"), "dotnet", Dll(project, assembly)];

    private static async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using var reply = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private bool IsOurs(X509Certificate? presented)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(PathOf("gateway/ca.crt"));
        return presented is X509Certificate2 certificate && chain.Build(certificate) && certificate.MatchesHostname(GatewayName);
    }

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "Cluster.sln"))
            ? folder
            : FindRoot(Directory.GetParent(folder)?.FullName ?? throw new InvalidOperationException("no Cluster.sln above the tests"));
}

/// <summary>What the JSON endpoint answers.</summary>
internal sealed record Validation(
    int Status, string AttemptId, string Verdict, string PublicMeaning, ValidatingAgent? Agent, string? DomainController,
    ulong? Permit, uint LockedForSeconds, int Dispatches, string? Route = null);

internal sealed record ValidatingAgent(string Id, string? Name);
