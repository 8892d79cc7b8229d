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
    public const string Tenant = "demo";
    private const string GatewayName = "gateway.cloud.example";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private static int _ports = 20_000 + (Environment.ProcessId % 200 * 100);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("passthrough-lab-");
    private readonly Dictionary<string, string> _gatewayEnvironment;
    private readonly List<AgentNode> _agents = [];
    private readonly int _port = Interlocked.Add(ref _ports, 10);
    private HttpClient? _services;

    private Installation(IReadOnlyDictionary<string, string> gatewayOptions)
    {
        _gatewayEnvironment = new(gatewayOptions.ToDictionary(o => $"PASSTHROUGH_GATEWAY__{o.Key}", o => o.Value))
        {
            ["PASSTHROUGH_GATEWAY__StateDirectory"] = PathOf("gateway"),
            ["PASSTHROUGH_GATEWAY__Names__0"] = GatewayName,
            ["PASSTHROUGH_GATEWAY__Listen__Address"] = LabPeople.Variable("LAB_GATEWAY_ADDRESS"),
            ["PASSTHROUGH_GATEWAY__Listen__PagePort"] = Text(_port),
            ["PASSTHROUGH_GATEWAY__Listen__EnrolmentPort"] = Text(_port + 1),
            ["PASSTHROUGH_GATEWAY__Listen__StreamPort"] = Text(_port + 2),
        };
    }

    public static string RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory);

    public ServiceProcess Gateway { get; private set; } = null!;

    public string Home => _home.FullName;

    public int StreamPort => _port + 2;

    public Uri Page => new($"https://{GatewayName}:{_port}/");

    public Uri Enrolment => new($"https://{GatewayName}:{_port + 1}/");

    /// <summary>Starts a gateway with a tenant for corp.example and, unless told otherwise, one agent; waits until it checks
    /// passwords.</summary>
    /// <param name="gatewayOptions">Over the defaults, as <c>Agents__CertificateLifetime</c>.</param>
    public static async Task<Installation> StartAsync(
        IReadOnlyDictionary<string, string>? gatewayOptions = null, int agents = 1,
        IReadOnlyDictionary<string, string>? agentOptions = null)
    {
        var installation = new Installation(gatewayOptions ?? new Dictionary<string, string>());
        try
        {
            await installation.AdminAsync(
                "tenant", "create", Tenant, "--suffix", "corp.example", "--suffix", "contoso.com=corp.example", "--suffix", "CORP=corp.example");
            await installation.StartGatewayAsync();
            for (var i = 1; i <= agents; i++)
            {
                await installation.AddAgentAsync($"agent-{i}", agentOptions);
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
        ServiceProcess.RunAsync(_gatewayEnvironment, [.. CloudCommand("Gateway", "passthrough-gateway"), .. args]);

    public async Task<JsonNode> AdminJsonAsync(params string[] args) => JsonNode.Parse(await AdminAsync([.. args, "--json"]))!;

    public async Task StartGatewayAsync()
    {
        Gateway = ServiceProcess.Start(
            PathOf("gateway.log"), _gatewayEnvironment, [.. CloudCommand("Gateway", "passthrough-gateway"), "run"]);
        using var client = NewClient();
        await Eventually.TrueAsync($"the gateway answers ({Gateway.LogFile})", StartPatience, async () =>
            Gateway.HasExited
                ? throw new InvalidOperationException($"the gateway ended: {Gateway.Log()}")
                : await AnswersAsync(client));
        if (_services is null)
        {
            var key = (string)(await AdminJsonAsync("apikey", "create", "--tenant", Tenant, "--name", "tests"))["key"]!;
            _services = NewClient();
            _services.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Enrols an agent and starts it; waits until it checks passwords.</summary>
    public async Task<AgentNode> AddAgentAsync(string name, IReadOnlyDictionary<string, string>? options = null)
    {
        var token = (string)(await AdminJsonAsync("token", "create", "--tenant", Tenant))["token"]!;
        var agent = new AgentNode(this, name, _agents.Count, options);
        _agents.Add(agent);
        await agent.EnrolAsync(token);
        await agent.StartAsync();
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

    /// <summary>Waits until somebody who is not there is found not to be there: by an agent that asked a controller.</summary>
    public Task<TimeSpan> ReadyAsync() => Eventually.TrueAsync(
        $"an agent checks passwords ({Home})", StartPatience,
        async () => (await ValidateAsync("nobody@corp.example", "x")).Verdict == "UserNotFoundInForest");

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
    ulong? Permit, uint LockedForSeconds, int Dispatches);

internal sealed record ValidatingAgent(string Id, string? Name);
