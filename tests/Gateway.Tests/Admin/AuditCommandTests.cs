using System.Text.Json.Nodes;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.Admin;

/// <summary>The audit log as an administrator meets it: the commands of docs/AUDIT.md, beside a gateway that runs.</summary>
public sealed class AuditCommandTests
{
    [Fact]
    public async Task Commands_are_recorded_beside_a_gateway_that_runs_and_the_log_is_whole()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.TokenAsync();
        var (code, _, _) = await RunAsync(gateway, "tenant", "create", "contoso", "--suffix", "again.example");
        Assert.Equal((int)FaultKind.Refused, code);

        var acts = (await OkAsync(gateway, "audit", "search", "--since", "1h", "--json")).Trim().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.All(acts, act => Assert.Equal(Environment.UserName, (string?)act["by"]));
        Assert.StartsWith("tenant create contoso --suffix corp.example", (string?)acts[0]["what"], StringComparison.Ordinal);
        Assert.Equal(["done", "done"], acts.Take(2).Select(act => (string?)act["result"]));
        Assert.StartsWith("token create", (string?)acts[1]["what"], StringComparison.Ordinal);
        Assert.Contains("PTG-001", (string?)acts[2]["result"], StringComparison.Ordinal);

        Assert.Contains("are as they were written", await OkAsync(gateway, "audit", "verify"), StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"opened\"", await OkAsync(gateway, "audit", "export", "--since", "1d"), StringComparison.Ordinal);
        Assert.Contains("audit export", await OkAsync(gateway, "audit", "search"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_takes_away_or_changes_what_is_enforced_needs_a_reason_that_is_recorded()
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var command in new[]
        {
            "agent revoke x", "token revoke x", "apikey revoke x", "pagekey revoke x", "tenant allow contoso brand.example", "tenant disallow contoso brand.example",
            "tenant suffix contoso brand.example=corp.example", "tenant policy contoso --budget 5", "tenant policy contoso --reset", "tenant revoke contoso",
        })
        {
            foreach (var missing in (string[][])[[], ["--reason", " "], ["--reason", new('x', 201)]])
            {
                var (code, _, complaint) = await RunAsync(gateway, [.. command.Split(' '), .. missing]);
                Assert.Equal((int)FaultKind.Usage, code);
                Assert.Contains("--reason", complaint, StringComparison.Ordinal);
            }

            // What is refused is recorded too.
            await RunAsync(gateway, [.. command.Split(' '), $"--reason=ticket of {command}"]);
            var acts = (await OkAsync(gateway, "audit", "search", "--json")).Trim().Split('\n').Select(line => JsonNode.Parse(line)!);
            var act = Assert.Single(acts, each => (string?)each["what"] == command);
            Assert.Equal((Environment.UserName, $"ticket of {command}"), ((string?)act["by"], (string?)act["reason"]));
        }
    }

    [Fact]
    public async Task For_programs_what_was_verified_and_erased_is_an_object()
    {
        await using var gateway = await TestGateway.StartAsync();
        var verified = JsonNode.Parse(await OkAsync(gateway, "audit", "verify", "--json"))!;
        Assert.Equal(1, (long)verified["first"]!);
        Assert.True((long)verified["last"]! > 1);
        Assert.NotEmpty((string)verified["head"]!);
        Assert.Contains(verified["notes"]!.AsArray(), note => ((string)note!).Contains("1 run is open", StringComparison.Ordinal));
        var erased = JsonNode.Parse(await OkAsync(gateway, "audit", "erase", "anna@corp.example", "ben@corp.example", "--reason", "ticket 4711", "--json"))!;
        Assert.Equal(2, (int)erased["erased"]!);
        Assert.EndsWith("audit-names.key", (string)erased["keys"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_adds_something_may_have_a_reason()
    {
        await using var gateway = await TestGateway.StartAsync();
        await OkAsync(gateway, "token", "create", "--reason", "site 2", "--tenant", TestGateway.Tenant);
        await OkAsync(gateway, "tenant", "policy", TestGateway.Tenant);
        var last = (await OkAsync(gateway, "audit", "search", "--json")).Trim().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Contains(last, act => (string?)act["what"] == $"token create --tenant {TestGateway.Tenant}" && (string?)act["reason"] == "site 2");
    }

    [Fact]
    public async Task A_sign_in_is_found_by_every_question()
    {
        await using var gateway = await TestGateway.StartAsync();
        var key = (string)(await gateway.AdminAsync("apikey", "create", "--tenant", TestGateway.Tenant, "--name", "mail"))["key"]!;
        var id = await AskAsync(gateway, key, "Anna@corp.example");
        await Eventually.TrueAsync(() => RunAsync(gateway, "audit", "search", "--id", id).Result.Code == 0, "the record");
        var lines = new[]
        {
            await OkAsync(gateway, "audit", "search", "--account", "anna@corp.example", "--since", "1h"),
            await OkAsync(gateway, "audit", "search", "--verdict", "NoAgent", "--since", "1d", "--limit", "1000"),
        };
        Assert.All(lines, line => Assert.Contains(id, line, StringComparison.Ordinal));
        Assert.DoesNotContain("anna", lines[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, (await RunAsync(gateway, "audit", "search", "--account", "bert@corp.example")).Code);
        Assert.Equal(1, (await RunAsync(gateway, "audit", "search", "--verdict", "Success")).Code);
        Assert.Equal(1, (await RunAsync(gateway, "audit", "search", "--id", id, "--until", "1h")).Code);
        Assert.Equal((int)FaultKind.AuditUnusable, (await RunAsync(gateway, "audit", "search", "--verdict", "Nonsense")).Code);
        Assert.Equal((int)FaultKind.Usage, (await RunAsync(gateway, "audit", "search", "--since", "soon")).Code);
        Assert.Equal((int)FaultKind.Usage, (await RunAsync(gateway, "audit", "search", "--limit", "0")).Code);

        await OkAsync(gateway, "audit", "erase", "ANNA@corp.example", "--reason", "left, ticket 4711");
        Assert.Equal(1, (await RunAsync(gateway, "audit", "search", "--account", "anna@corp.example")).Code);
        Assert.Contains(id, await OkAsync(gateway, "audit", "search", "--id", id), StringComparison.Ordinal);
        Assert.Contains("are as they were written", await OkAsync(gateway, "audit", "verify"), StringComparison.Ordinal);
        Assert.DoesNotContain("anna", await OkAsync(gateway, "audit", "export"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_log_that_was_changed_is_named_with_its_first_bad_record()
    {
        await using var gateway = await TestGateway.StartAsync();
        var head = (await OkAsync(gateway, "audit", "verify")).Split("head: ")[1].Split(' ')[0];
        await gateway.StopAsync();
        Assert.Contains("are as they were written", await OkAsync(gateway, "audit", "verify", "--head", head), StringComparison.Ordinal);
        var other = head[..^1] + (head[^1] == 'A' ? 'E' : 'A');
        Assert.Equal((int)FaultKind.AuditBroken, (await RunAsync(gateway, "audit", "verify", "--head", other)).Code);
        Assert.Equal((int)FaultKind.AuditUnusable, (await RunAsync(gateway, "audit", "verify", "--head", "nonsense")).Code);

        var file = Directory.GetFiles(Path.Combine(gateway.StateDirectory, "audit")).Single();
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("tenant create contoso", "tenant create fabrika", StringComparison.Ordinal));
        var (code, _, error) = await RunAsync(gateway, "audit", "verify");
        Assert.Equal((int)FaultKind.AuditBroken, code);
        Assert.Contains("PTG-061", error, StringComparison.Ordinal);
        Assert.Contains("record 2 (audit-000000000001.log)", error, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(TestGateway gateway, string key, string name)
    {
        using var client = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        });
        client.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", key);
        JsonNode? reply = null;

        // The gateway notices a new key within a second.
        await Eventually.TrueAsync(() => (reply = AskOnceAsync().GetAwaiter().GetResult()) is not null, "the key is known");
        return (string)reply!["attemptId"]!;

        async Task<JsonNode?> AskOnceAsync()
        {
            using var body = new StringContent(
                new JsonObject { ["userName"] = name, ["password"] = "any" }.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(new Uri(gateway.Page, $"/v1/tenants/{TestGateway.Tenant}/validations"), body);
            return (int)response.StatusCode is 200 or 503 ? JsonNode.Parse(await response.Content.ReadAsStringAsync()) : null;
        }
    }

    private static async Task<string> OkAsync(TestGateway gateway, params string[] args)
    {
        var (code, output, error) = await RunAsync(gateway, args);
        Assert.True(code == 0, $"{string.Join(' ', args)}: {code} {error}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(TestGateway gateway, params string[] args)
    {
        var environment = new Dictionary<string, string> { ["PASSTHROUGH_GATEWAY__StateDirectory"] = gateway.StateDirectory };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new AdminCommand(environment, TimeProvider.System, output, error).RunAsync(args);
        return (code, output.ToString(), error.ToString());
    }
}
