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
    private readonly GatewayHost _host;

    private TestGateway(DirectoryInfo folder, GatewayHost host) => (_folder, _host) = (folder, host);

    public required LogLines Log { get; init; }

    public Uri Enrolment => _host.Enrolment;

    public Uri Stream => _host.Stream;

    public Uri Page => _host.Page;

    public Dispatcher Dispatcher => Get<Dispatcher>();

    public string StateDirectory => Path.Combine(_folder.FullName, "state");

    public static async Task<TestGateway> StartAsync(Action<GatewayOptions>? change = null, params string[] tenantOptions)
    {
        var folder = Directory.CreateTempSubdirectory("passthrough-gateway-");
        var log = new LogLines();
        var options = new GatewayOptions
        {
            StateDirectory = Path.Combine(folder.FullName, "state"),
            Names = { "localhost", "127.0.0.1" },
            // Scripted agents are silent unless a test has them speak; on a loaded machine a test takes its time.
            Agents = { HeartbeatInterval = TimeSpan.FromSeconds(30) },
            Listen = { Address = "127.0.0.1", PagePort = 0, EnrolmentPort = 0, StreamPort = 0 },
        };
        change?.Invoke(options);
        await AdminAsync(
            folder,
            ["tenant", "create", Tenant, "--suffix", Forest, "--suffix", OtherForest, "--suffix", "CORP=corp.example", .. tenantOptions]);
        var host = await GatewayHost.StartAsync(
            options, TimeProvider.System, logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Information), default);
        return new TestGateway(folder, host) { Log = log };
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>What the command line gives back, run beside the gateway on its database.</summary>
    public Task<JsonNode> AdminAsync(params string[] args) => AdminAsync(_folder, args);

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

    public Task StopAsync() => _host.DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<JsonNode> AdminAsync(DirectoryInfo folder, params string[] args)
    {
        var environment = new Dictionary<string, string>
        {
            ["PASSTHROUGH_GATEWAY__StateDirectory"] = Path.Combine(folder.FullName, "state"),
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new AdminCommand(environment, TimeProvider.System, output, error).RunAsync([.. args, "--json"]);
        Assert.True(code == 0, error.ToString());
        return JsonNode.Parse(output.ToString())!;
    }
}
