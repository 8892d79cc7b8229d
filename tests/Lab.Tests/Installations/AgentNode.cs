using System.Text.Json;

namespace Passthrough.Lab.Tests.Installations;

/// <summary>One agent of an installation: its state directory outlives its process.</summary>
internal sealed class AgentNode(Installation installation, string name, int index, IReadOnlyDictionary<string, string>? options)
    : IAsyncDisposable
{
    private ServiceProcess? _process;

    public string Name => name;

    public string StateDirectory => installation.PathOf(name);

    public string OperatorSocket => installation.PathOf($"{name}.sock");

    public int ClusterPort => PortRange.Mine + 5 + index;

    /// <summary>Where it tells how it is: a loopback address of its own.</summary>
    public string Monitoring => $"127.0.1.{index + 1}:{PortRange.Mine + 3}";

    public ServiceProcess Process => _process ?? throw new InvalidOperationException($"{name} was not started");

    /// <summary>A command of <c>passthrough-agent</c>.</summary>
    public static string[] Command(params string[] args) => ["dotnet", Installation.Dll("Agent", "passthrough-agent"), .. args];

    /// <summary>A command of <c>pbm</c>, for the running agent; what it says, errors too.</summary>
    public async Task<(int Code, string Output)> PbmAsync(params string[] command)
    {
        var (code, output, error) = await ServiceProcess.TryRunAsync(
            new Dictionary<string, string>(), ["dotnet", Installation.Dll("OperatorConsole", "pbm"), OperatorSocket, .. command]);
        return (code, (output + error).Trim());
    }

    /// <summary>A command of <c>passthrough-agent</c> with this agent's configuration; what it says, errors too.</summary>
    public async Task<(int Code, string Output)> CommandAsync(params string[] command)
    {
        var (code, output, error) = await ServiceProcess.TryRunAsync(Environment(), Command(command));
        return (code, (output + error).Trim());
    }

    public async Task EnrolAsync(string token)
    {
        var environment = Environment();
        environment["PASSTHROUGH_AGENT_TOKEN"] = token;
        environment["PASSTHROUGH_AGENT_GATEWAY"] = installation.Enrolment.ToString();
        environment["PASSTHROUGH_AGENT_NAME"] = name;
        await ServiceProcess.RunAsync(environment, Command("enroll"));
    }

    /// <summary>Starts it and waits for nothing.</summary>
    public async Task LaunchAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _process = ServiceProcess.Start(installation.PathOf($"{name}.log"), Environment(), [.. installation.AgentsIn, .. Command("run")]);
    }

    /// <summary>Starts it and waits until passwords are checked.</summary>
    /// <param name="gateway">Ends when the gateway answers, if it was not waited for.</param>
    public async Task StartAsync(Task? gateway = null)
    {
        var connections = Connections();
        await LaunchAsync();
        await Eventually.TrueAsync($"{name} is connected ({Process.LogFile})", TimeSpan.FromSeconds(90), () =>
            Process.HasExited
                ? throw new InvalidOperationException($"{name} ended: {Process.Log()}")
                : Task.FromResult(Connections() > connections));
        await (gateway ?? Task.CompletedTask);
        await installation.ReadyAsync();
    }

    public Dictionary<string, string> Environment()
    {
        var file = installation.PathOf($"{name}.json");
        if (!File.Exists(file))
        {
            File.WriteAllText(file, JsonSerializer.Serialize(Configuration()));
        }

        var environment = new Dictionary<string, string> { ["PASSTHROUGH_AGENT_CONFIG"] = file };
        foreach (var (key, value) in options ?? new Dictionary<string, string>())
        {
            environment[$"PASSTHROUGH_AGENT__{key}"] = value;
        }

        return environment;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    /// <summary>How often the gateway has said that this agent is connected.</summary>
    private int Connections() => installation.Gateway.Log().Split($"({name}) of tenant {Installation.Tenant} is connected").Length;

    private object Configuration() => new
    {
        StateDirectory,
        OperatorSocket,
        Cluster = new { Port = ClusterPort },
        Monitoring = new { Listen = Monitoring },
        Forests = installation.HasBothForests
            ? LabForests.Both(installation.PathOf($"{name}.password"))
            : LabForests.WithPasswordIn(installation.PathOf($"{name}.password")),
    };
}
