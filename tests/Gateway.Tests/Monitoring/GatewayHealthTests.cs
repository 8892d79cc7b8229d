using System.Diagnostics;
using System.Text.Json.Nodes;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.Monitoring;

/// <summary>What a running gateway tells monitoring systems, and its command.</summary>
public sealed class GatewayHealthTests
{
    [Fact]
    public async Task A_gateway_is_well_as_long_as_each_forest_has_an_agent()
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.Equal("OK - passthrough-gateway localhost: all of gateway, database, agents, certificates, clock well", await AskAsync(gateway, 0));

        var agent = await gateway.AgentAsync("agent-1");
        await HasAsync(gateway, 200, "for all of 1 forests");
        await gateway.EnrolAsync("agent-2", TestGateway.OtherForest);
        await HasAsync(gateway, 200, "no agent for fabrikam.test of contoso is connected");
        Assert.Equal(
            "WARNING - passthrough-gateway localhost: agents: no agent for fabrikam.test of contoso is connected", await AskAsync(gateway, 1));

        await agent.DisposeAsync();
        await HasAsync(gateway, 503, "no agent for corp.example of contoso is connected");
        Assert.StartsWith("CRITICAL - passthrough-gateway localhost: agents: no agent for ", await AskAsync(gateway, 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_alerts_look_at_is_there_before_it_happens()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var http = new HttpClient();
        var told = await http.GetStringAsync(new Uri(gateway.Monitoring, "/metrics"));

        Assert.Matches("(?m)^passthrough_gateway_forged_answers_total(\\{.*\\})? \\d", told);
        Assert.All(Enum.GetNames<Verdict>(), verdict => Assert.Matches($"(?m)^passthrough_gateway_outcomes_total\\{{.*verdict=\"{verdict}\".*\\}} \\d", told));
    }

    [Fact]
    public async Task A_clock_that_differs_from_the_database_servers_is_told()
    {
        var server = new PostgreSqlServer();
        await server.InitializeAsync();
        var folder = Directory.CreateTempSubdirectory("passthrough-clock-");
        try
        {
            var file = Path.Combine(folder.FullName, "connection");
            await File.WriteAllTextAsync(file, server.ConnectionString);
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
            var clock = new ShiftedClock();
            await using var gateway = await TestGateway.StartAsync(clock, options => options.Database.ConnectionStringFile = file);
            await HasAsync(gateway, 200, "agrees with the database's server to 30 s", "clock");
            clock.Advance(TimeSpan.FromMinutes(2));
            await HasAsync(gateway, 200, "s ahead of the database's server: set one of them", "clock");
            clock.Advance(TimeSpan.FromHours(-3));
            await HasAsync(gateway, 200, "this machine's clock is 2 h behind the database's server: set one of them", "clock");
        }
        finally
        {
            await server.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_page_tells_strangers_no_reason()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var http = new HttpClient(handler);

        Assert.Equal("ready", await http.GetStringAsync(new Uri(gateway.Page, "/health/ready")));
    }

    [Fact]
    public async Task A_database_that_is_gone_takes_no_gateway_out_and_lets_none_begin()
    {
        var server = new PostgreSqlServer();
        await server.InitializeAsync();
        var folder = Directory.CreateTempSubdirectory("passthrough-health-");
        var file = Path.Combine(folder.FullName, "connection");
        await File.WriteAllTextAsync(file, server.ConnectionString + ";Timeout=2");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        await using var gateway = await TestGateway.StartAsync(options => options.Database.ConnectionStringFile = file);
        await using var agent = await gateway.AgentAsync("agent-1");
        await HasAsync(gateway, 200, "answers", "database");
        await server.DisposeAsync();

        await HasAsync(gateway, 200, "the database has not answered for ", "database");
        Assert.Contains("sign-ins go on by what is in memory", await AskAsync(gateway, 1), StringComparison.Ordinal);
        Assert.Equal(Passthrough.Decisions.Attempts.Verdict.Success, (await gateway.ValidateAsync()).Verdict);
        using (var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true }))
        {
            Assert.Equal("ready", await http.GetStringAsync(new Uri(gateway.Page, "/health/ready")));
        }

        var fault = await Assert.ThrowsAsync<StartFaultException>(() => TestGateway.StartBesideAsync(gateway));
        Assert.Equal("PTG-040", fault.Faults.Single().Id);
        folder.Delete(recursive: true);
    }

    internal static async Task HasAsync(TestGateway gateway, int code, string words, string part = "agents")
    {
        (int Code, string? Reason) last = default;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var since = Stopwatch.GetTimestamp(); last.Code != code || last.Reason?.Contains(words, StringComparison.Ordinal) != true; last = await ReadyAsync(gateway, part))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Eventually.Deadline, $"never: {code} {words}; last: {last}");
            await timer.WaitForNextTickAsync();
        }
    }

    internal static async Task<(int Code, string Reason)> ReadyAsync(TestGateway gateway, string part = "agents")
    {
        using var http = new HttpClient();
        using var reply = await http.GetAsync(new Uri(gateway.Monitoring, "/health/ready"));
        var json = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!;
        return ((int)reply.StatusCode, (string)json["parts"]!.AsArray().Single(each => (string)each!["name"]! == part)!["reason"]!);
    }

    [Fact]
    public async Task For_programs_the_command_gives_the_report_of_the_endpoint_or_why_there_is_none()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("agent-1");
        await HasAsync(gateway, 200, "answers", "database");
        var report = JsonNode.Parse(await AskAsync(gateway, 0, "--json"))!;
        Assert.Equal(("healthy", "passthrough-gateway"), ((string)report["status"]!, (string)report["program"]!));
        Assert.Contains(report["parts"]!.AsArray(), part => (string)part!["name"]! == "database");
        await gateway.StopAsync();
        var none = JsonNode.Parse(await AskAsync(gateway, 2, "--json"))!;
        Assert.Equal(("unhealthy", "passthrough-gateway"), ((string)none["status"]!, (string)none["program"]!));
        Assert.Contains("does not answer", (string)none["reason"]!, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(TestGateway gateway, int expected, params string[] more)
    {
        var environment = new Dictionary<string, string>
        {
            ["PASSTHROUGH_GATEWAY__Monitoring__Listen"] = $"127.0.0.1:{gateway.Monitoring.Port}",
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new AdminCommand(environment, TimeProvider.System, output, error).RunAsync(["health", .. more]);
        Assert.Equal(expected, code);
        Assert.Empty(error.ToString());
        return output.ToString().Trim();
    }
}
