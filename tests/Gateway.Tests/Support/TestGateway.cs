using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Tests.SignIn;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>A whole gateway on loopback, with a real SQLite file, administered by its own command line.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Tenant = "contoso";
    public const string Forest = "corp.example";
    public const string OtherForest = "fabrikam.test";

    private readonly DirectoryInfo _folder;
    private readonly GatewayOptions _options;
    private readonly GatewayHost _host;

    private TestGateway(DirectoryInfo folder, GatewayOptions options, GatewayHost host) => (_folder, _options, _host) = (folder, options, host);

    public required LogLines Log { get; init; }

    public Uri Enrolment => _host.Enrolment;

    public Uri Stream => _host.Stream;

    public Uri Page => _host.Page;

    public Uri Monitoring => _host.Monitoring!;

    public Dispatcher Dispatcher => Get<Dispatcher>();

    public string StateDirectory => Path.Combine(_folder.FullName, "state");

    public static Task<TestGateway> StartAsync(Action<GatewayOptions>? change = null, params string[] tenantOptions) =>
        StartAsync(TimeProvider.System, change, tenantOptions);

    public static async Task<TestGateway> StartAsync(TimeProvider clock, Action<GatewayOptions>? change, params string[] tenantOptions)
    {
        var folder = Directory.CreateTempSubdirectory("passthrough-gateway-");
        var options = OptionsIn(folder, change);
        await AdminAsync(
            options,
            ["tenant", "create", Tenant, "--suffix", Forest, "--suffix", OtherForest, "--suffix", "CORP=corp.example", .. tenantOptions]);
        return await StartAsync(folder, options, clock);
    }

    /// <summary>Another instance: the CA and the database of the first, a state directory of its own.</summary>
    public static async Task<TestGateway> StartBesideAsync(TestGateway first, Action<GatewayOptions>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("passthrough-gateway-");
        var options = OptionsIn(folder, change);
        var state = Passthrough.Gateway.Hosting.StateDirectory.Open(options.StateDirectory);
        state.WritePrivate("ca.key", await File.ReadAllTextAsync(Path.Combine(first.StateDirectory, "ca.key")));
        state.WritePrivate("ca.crt", await File.ReadAllTextAsync(Path.Combine(first.StateDirectory, "ca.crt")));
        options.Database.ConnectionStringFile = first._options.Database.ConnectionStringFile;
        return await StartAsync(folder, options, TimeProvider.System);
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>What the command line gives back, run beside the gateway on its database.</summary>
    public Task<JsonNode> AdminAsync(params string[] args) => AdminAsync(_options, args);

    /// <summary>The same for people: what it prints.</summary>
    public async Task<string> CommandAsync(params string[] args) => await RunAsync(_options, args);

    public async Task<string> TokenAsync(params string[] forests)
    {
        string[] args = ["token", "create", "--tenant", Tenant, .. forests.SelectMany(f => (string[])["--forest", f])];
        return (string)(await AdminAsync(args))["token"]!;
    }

    /// <summary>An agent that is enrolled, not yet connected.</summary>
    public async Task<ScriptedAgent> EnrolAsync(string name, params string[] forests) =>
        new(Stream, await AgentKeys.EnrolAsync(Enrolment, await TokenAsync(forests), name));

    /// <summary>An agent that is enrolled and connected.</summary>
    public async Task<ScriptedAgent> AgentAsync(string name, uint credits = 10, params string[] forests)
    {
        var agent = await EnrolAsync(name, forests.Length == 0 ? [Forest] : forests);
        await agent.ConnectAsync(credits);
        return agent;
    }

    public async Task<ValidationOutcome> ValidateAsync(
        string name = "anna@corp.example", string password = "right", ClientSource? source = null)
    {
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate(password, out var typed));
        using (typed)
        {
            return await Dispatcher.ValidateAsync(Tenant, TypedName.TryParse(name)!, typed!, source ?? ClientSource.Nowhere, CancellationToken.None);
        }
    }

    /// <summary>A browser without a user: keeps cookies, follows nothing, trusts this gateway's certificate.</summary>
    public HttpClient Client() => new(new HttpClientHandler
    {
        AllowAutoRedirect = false,
        CookieContainer = new System.Net.CookieContainer(),
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
    })
    { BaseAddress = Page };

    public Task StopAsync() => _host.DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static GatewayOptions OptionsIn(DirectoryInfo folder, Action<GatewayOptions>? change)
    {
        var options = new GatewayOptions
        {
            StateDirectory = Path.Combine(folder.FullName, "state"),
            Names = { "localhost", "127.0.0.1" },
            // Scripted agents are silent unless a test has them speak; on a loaded machine a test takes its time.
            Agents = { HeartbeatInterval = TimeSpan.FromSeconds(30) },
            Listen = { Address = "127.0.0.1", PagePort = 0, EnrolmentPort = 0, StreamPort = 0 },
            Monitoring = { Listen = "127.0.0.1:0" },
        };
        change?.Invoke(options);
        return options;
    }

    private static async Task<TestGateway> StartAsync(DirectoryInfo folder, GatewayOptions options, TimeProvider clock)
    {
        var log = new LogLines();
        var host = await GatewayHost.StartAsync(
            options, clock, logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Information), default);
        return new TestGateway(folder, options, host) { Log = log };
    }

    private static async Task<JsonNode> AdminAsync(GatewayOptions options, params string[] args) =>
        JsonNode.Parse(await RunAsync(options, [.. args, "--json"]))!;

    private static async Task<string> RunAsync(GatewayOptions options, string[] args)
    {
        var environment = new Dictionary<string, string>
        {
            ["PASSTHROUGH_GATEWAY__StateDirectory"] = options.StateDirectory,
            ["PASSTHROUGH_GATEWAY__Database__ConnectionStringFile"] = options.Database.ConnectionStringFile,
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new AdminCommand(environment, TimeProvider.System, output, error).RunAsync(args);
        Assert.True(code == 0, error.ToString());
        return output.ToString();
    }
}
