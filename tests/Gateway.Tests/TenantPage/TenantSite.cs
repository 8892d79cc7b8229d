using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.TenantPage;

/// <summary>A gateway with two tenants, an agent and a service of each, and keys to their pages.</summary>
internal sealed class TenantSite : IAsyncDisposable
{
    public const string Other = "other";

    private readonly Dictionary<string, string> _apiKeys = [];

    private TenantSite(TestGateway gateway) => Gateway = gateway;

    public TestGateway Gateway { get; }

    public required ScriptedAgent Agent { get; init; }

    public required ScriptedAgent OthersAgent { get; init; }

    public static async Task<TenantSite> StartAsync(
        Action<Passthrough.Gateway.Hosting.GatewayOptions>? change = null, TimeProvider? clock = null)
    {
        var gateway = await TestGateway.StartAsync(clock ?? TimeProvider.System, change);
        await gateway.AdminAsync("tenant", "create", Other, "--suffix", "other.example");
        var agent = await gateway.AgentAsync("agent-1");
        var token = (string)(await gateway.AdminAsync("token", "create", "--tenant", Other))["token"]!;
        var others = new ScriptedAgent(gateway.Stream, await AgentKeys.EnrolAsync(gateway.Enrolment, token, "agent-of-other"));
        await others.ConnectAsync();
        var site = new TenantSite(gateway) { Agent = agent, OthersAgent = others };
        foreach (var tenant in (string[])[TestGateway.Tenant, Other])
        {
            site._apiKeys[tenant] = (string)(await gateway.AdminAsync("apikey", "create", "--tenant", tenant, "--name", "mail"))["key"]!;
        }

        await site.KnowsAsync(site._apiKeys[Other]);
        return site;
    }

    /// <summary>A key that opens the page of a tenant, known to the gateway.</summary>
    public async Task<(string Id, string Key)> KeyAsync(string tenant = TestGateway.Tenant, string name = "Ida Admin", params string[] options)
    {
        var made = await Gateway.AdminAsync(["pagekey", "create", "--tenant", tenant, "--name", name, .. options]);
        var (id, key) = ((string)made["keyId"]!, (string)made["key"]!);
        await KnowsAsync(key);
        return (id, key);
    }

    public Visitor Visitor() => new(Gateway.Client());

    /// <summary>Somebody who is signed in to the page of a tenant.</summary>
    public async Task<Visitor> SignedInAsync(string tenant = TestGateway.Tenant)
    {
        var visitor = Visitor();
        var answer = await SignInAsync(visitor, (await KeyAsync(tenant)).Key);
        Assert.Equal((303, "/tenant"), (answer.Code, answer.Location));
        return visitor;
    }

    public static async Task<Visitor.Answer> SignInAsync(Visitor visitor, string key) =>
        await visitor.PostAsync("/tenant/sign-in", (await visitor.GetAsync("/tenant/sign-in")).Token, ("key", key));

    public static async Task<Visitor.Answer> SearchAsync(Visitor visitor, params (string Field, string Value)[] fields) =>
        await visitor.PostAsync("/tenant/search", (await visitor.GetAsync("/tenant/search")).Token, fields);

    /// <summary>Has a password checked, as a service does.</summary>
    /// <returns>The request id.</returns>
    public async Task<string> AskAsync(string name, string password = "wrong", string tenant = TestGateway.Tenant)
    {
        using var client = Gateway.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _apiKeys[tenant]);
        using var response = await client.PostAsJsonAsync(
            new Uri($"/v1/tenants/{tenant}/validations", UriKind.Relative), new { userName = name, password, clientAddress = "192.0.2.17" });
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["attemptId"]!;
    }

    public async ValueTask DisposeAsync()
    {
        await Agent.DisposeAsync();
        await OthersAgent.DisposeAsync();
        await Gateway.DisposeAsync();
    }

    private Task KnowsAsync(string key) => Eventually.TrueAsync(
        () =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var keys = Gateway.Get<Passthrough.Gateway.Storage.TenantDirectory>().Now;
            return Enum.GetValues<Passthrough.Gateway.Storage.KeyPurpose>().Any(purpose => keys.FindApiKey(key.Split('.')[1], purpose, now) is not null);
        },
        "the gateway knows the key");
}
