using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Monitoring;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Tests.Monitoring;

/// <summary>What monitoring systems are told over HTTP, and by the command.</summary>
public sealed class MonitoringServerTests : IAsyncDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly List<MonitoringServer> _servers = [];
    private Finding _state = Finding.Well("fine");

    [Theory]
    [InlineData(HealthState.Healthy, 200, "healthy", 0, "OK - passthrough-agent agent-1: all of first, second well")]
    [InlineData(HealthState.Degraded, 200, "degraded", 1, "WARNING - passthrough-agent agent-1: first: so it is")]
    [InlineData(HealthState.Unhealthy, 503, "unhealthy", 2, "CRITICAL - passthrough-agent agent-1: first: so it is")]
    public async Task Each_state_has_its_status_and_its_exit_code(HealthState state, int status, string text, int code, string line)
    {
        _state = new Finding(state, "so it is");
        var server = await StartAsync();

        var (got, json) = await GetAsync(server, "/health/ready");

        Assert.Equal((status, text), (got, (string)json["status"]!));
        Assert.Equal(("passthrough-agent", "agent-1"), ((string)json["program"]!, (string)json["node"]!));
        Assert.Equal(("first", text, "so it is"), ((string)json["parts"]![0]!["name"]!, (string)json["parts"]![0]!["status"]!, (string)json["parts"]![0]!["reason"]!));
        Assert.Equal((code, line), await AskAsync($"127.0.0.1:{server.Address!.Port}"));
        Assert.Equal((200, "healthy"), (await GetAsync(server, "/health/live")) is var (live, said) ? (live, (string)said["status"]!) : default);
    }

    [Fact]
    public async Task A_part_that_fails_to_say_how_it_is_is_not_well()
    {
        var server = await StartAsync(new MonitoredPart("broken", _ => throw new InvalidOperationException("its own words are for the log")));

        var (status, json) = await GetAsync(server, "/health/ready");

        Assert.Equal((503, "unhealthy"), (status, (string)json["parts"]![0]!["status"]!));
    }

    [Fact]
    public async Task Nobody_who_does_not_answer_is_well()
    {
        using var closed = Ports.Closed(out var port);

        var (code, line) = await AskAsync($"127.0.0.1:{port}");

        Assert.Equal(2, code);
        Assert.StartsWith($"CRITICAL - passthrough-agent: it does not answer at http://127.0.0.1:{port}/health/ready", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("off", "Monitoring.Listen is off")]
    [InlineData("127.0.0.1:0", "Monitoring.Listen is 127.0.0.1:0")]
    [InlineData("anywhere", "PTA-021 Monitoring:Listen is 'anywhere'")]
    [InlineData("127.0.0.1", "PTA-021 Monitoring:Listen is '127.0.0.1'")]
    [InlineData("::1", "PTA-021 Monitoring:Listen is '::1'")]
    public async Task What_cannot_be_asked_is_unknown(string listen, string words)
    {
        var (code, line) = await AskAsync(listen);

        Assert.Equal(3, code);
        Assert.StartsWith($"UNKNOWN - passthrough-agent: {words}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_program_is_not_taken_for_this_one()
    {
        var server = new MonitoringServer(
            new MonitoringOptions { Listen = "127.0.0.1:0" }, new MonitoredProgram("passthrough-gateway", "g"), [], NullLoggerFactory.Instance);
        _servers.Add(server);
        await server.StartAsync(default);

        Assert.Equal(
            (3, $"UNKNOWN - passthrough-agent: another program answers at {server.Address}health/ready"), await AskAsync($"127.0.0.1:{server.Address!.Port}"));
    }

    [Fact]
    public async Task A_port_that_is_taken_stops_nothing_and_is_told()
    {
        var first = await StartAsync();
        var log = new CapturedLog<MonitoringServer>();
        var second = new MonitoringServer(
            new MonitoringOptions { Listen = $"127.0.0.1:{first.Address!.Port}" }, new MonitoredProgram("passthrough-agent", "agent-2"), [], new Logs(log));
        _servers.Add(second);

        await second.StartAsync(default);
        await second.StopAsync(default);

        Assert.Null(second.Address);
        Assert.True(log.Has("2801"), string.Join('\n', log.Lines));
    }

    [Fact]
    public async Task What_alerts_look_at_is_there_before_it_happens()
    {
        var server = new MonitoringServer(
            new MonitoringOptions { Listen = "127.0.0.1:0" }, new MonitoredProgram("passthrough-agent", "a"), [], NullLoggerFactory.Instance,
            AgentParts.BeginWithZero);
        _servers.Add(server);
        await server.StartAsync(default);
        using var http = new HttpClient();
        var told = await http.GetStringAsync(new Uri(server.Address!, "/metrics"));

        string[] series = ["locks_total.*class=\"familiar\"", "locks_total.*class=\"unfamiliar\"", "unlocks_total", "volatile_shards", "journal_outages_total"];
        Assert.All(series, each => Assert.Matches($"(?m)^passthrough_agent_{each}.* \\d", told));
    }

    [Fact]
    public async Task For_programs_the_command_gives_the_report_of_the_endpoint_or_why_there_is_none()
    {
        var server = await StartAsync();
        var (code, report) = await AskAsync($"127.0.0.1:{server.Address!.Port}", "--json");
        var (_, asked) = await GetAsync(server, "/health/ready");
        Assert.Equal(0, code);
        Assert.Equal(asked.ToJsonString(), JsonNode.Parse(report)!.ToJsonString());
        (code, report) = await AskAsync(MonitoringOptions.Off, "--json");
        Assert.Equal((3, "unknown"), (code, (string)JsonNode.Parse(report)!["status"]!));
    }

    [Fact]
    public async Task Off_is_off()
    {
        var server = new MonitoringServer(
            new MonitoringOptions { Listen = MonitoringOptions.Off }, new MonitoredProgram("passthrough-agent", "a"), [], NullLoggerFactory.Instance);
        _servers.Add(server);

        await server.StartAsync(default);
        await server.StopAsync(default);

        Assert.Null(server.Address);
    }

    [Fact]
    public async Task Nothing_is_taken_from_who_asks()
    {
        var server = await StartAsync();
        using var http = new HttpClient();
        using var body = new StringContent(new string('x', 100_000));

        using var refused = await http.PostAsync(new Uri(server.Address!, "/health/ready"), body);
        using var nothing = await http.GetAsync(new Uri(server.Address!, "/else"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _scratch.Dispose();
    }

    private async Task<MonitoringServer> StartAsync(MonitoredPart? first = null)
    {
        var server = new MonitoringServer(
            new MonitoringOptions { Listen = "127.0.0.1:0" }, new MonitoredProgram("passthrough-agent", "agent-1"),
            [first ?? new MonitoredPart("first", _ => Task.FromResult(_state)), new MonitoredPart("second", _ => Task.FromResult(Finding.Well("always")))],
            NullLoggerFactory.Instance);
        _servers.Add(server);
        await server.StartAsync(default);
        return server;
    }

    private static async Task<(int Status, JsonNode Json)> GetAsync(MonitoringServer server, string path)
    {
        using var http = new HttpClient();
        using var reply = await http.GetAsync(new Uri(server.Address!, path));
        Assert.Equal("application/json", reply.Content.Headers.ContentType!.MediaType);
        return ((int)reply.StatusCode, JsonNode.Parse(await reply.Content.ReadAsStringAsync())!);
    }

    private async Task<(int Code, string Line)> AskAsync(string listen, params string[] more)
    {
        var file = _scratch.File("agent.json");
        await File.WriteAllTextAsync(file, $$"""{ "Monitoring": { "Listen": "{{listen}}" } }""");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new AgentCommand(new Dictionary<string, string>(), TimeProvider.System, output, error).RunAsync(["health", "--config", file, .. more]);
        Assert.Empty(error.ToString());
        return (code, output.ToString().Trim());
    }

    private sealed class Logs(ILogger log) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => categoryName.EndsWith(nameof(MonitoringServer), StringComparison.Ordinal) ? log : NullLogger.Instance;

        public void Dispose()
        {
        }
    }
}
