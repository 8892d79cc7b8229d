using System.Reflection;
using System.Text.Json.Nodes;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Admin;
using Passthrough.Gateway.Hosting;
using Passthrough.Wire.Identity;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Admin;

/// <summary>The administrator's commands on a real SQLite file, as a shell would call them.</summary>
public sealed class AdminCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-admin-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_tenant_is_made_listed_and_revoked()
    {
        await OkAsync("tenant", "create", "contoso", "--name", "Contoso", "--suffix", "corp.example", "--suffix", "CONTOSO.com=corp.example");
        var tenant = Assert.Single(await ListAsync("tenant"))!;
        Assert.Equal("contoso", (string?)tenant["tenant"]);
        Assert.Equal("Contoso", (string?)tenant["name"]);
        Assert.Equal(["contoso.com=corp.example", "corp.example"], tenant["suffixes"]!.AsArray().Select(s => (string?)s).Order());

        await OkAsync("tenant", "revoke", "contoso", "--reason", "a test");
        Assert.NotNull(Assert.Single(await ListAsync("tenant"))!["revokedAt"]);
        Assert.Contains("no tenant 'contoso'", await RefusedAsync("token", "create", "--tenant", "contoso"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suffix_leads_to_one_tenant()
    {
        await OkAsync("tenant", "create", "one", "--suffix", "corp.example");
        var refusal = await RefusedAsync("tenant", "create", "two", "--suffix", "Corp.Example.");
        Assert.Contains("corp.example belongs to tenant one", refusal, StringComparison.Ordinal);

        await OkAsync("tenant", "revoke", "one", "--reason", "a test");
        await OkAsync("tenant", "create", "two", "--suffix", "corp.example");
    }

    [Fact]
    public async Task Subtrees_are_allowed_listed_and_taken_back()
    {
        await OkAsync("tenant", "create", "one", "--suffix", "corp.example");
        await OkAsync("tenant", "allow", "one", "Brand.Example.", "--reason", "a test");
        await OkAsync("tenant", "allow", "one", "brand.example", "--reason", "a test");
        await OkAsync("tenant", "allow", "one", "eu.corp.example", "--reason", "a test");
        Assert.Equal(["brand.example", "eu.corp.example"], Assert.Single(await ListAsync("tenant"))!["allowed"]!.AsArray().Select(s => (string?)s));
        await OkAsync("tenant", "disallow", "one", "brand.example", "--reason", "a test");
        Assert.Contains("brand.example is not allowed", await RefusedAsync("tenant", "disallow", "one", "brand.example", "--reason", "a test"), StringComparison.Ordinal);
        await OkAsync("tenant", "revoke", "one", "--reason", "a test");
        await OkAsync("tenant", "create", "two", "--suffix", "corp.example");
        await OkAsync("tenant", "allow", "two", "eu.corp.example", "--reason", "a test");
    }

    [Theory]
    [InlineData("other.example", "overlaps the suffix other.example of tenant other")]
    [InlineData("x.other.example", "overlaps the suffix other.example of tenant other")]
    [InlineData("more.test", "overlaps sub.more.test, which is allowed to tenant other")]
    [InlineData("sub.more.test", "overlaps sub.more.test, which is allowed to tenant other")]
    [InlineData("a.sub.more.test", "overlaps sub.more.test, which is allowed to tenant other")]
    [InlineData("example", "is not a DNS name of two labels")]
    [InlineData("a..b", "is not a DNS name of two labels")]
    public async Task A_subtree_that_overlaps_what_another_tenant_has_is_refused(string subtree, string reason)
    {
        await OkAsync("tenant", "create", "other", "--suffix", "other.example");
        await OkAsync("tenant", "allow", "other", "sub.more.test", "--reason", "a test");
        await OkAsync("tenant", "create", "one", "--suffix", "corp.example");
        Assert.Contains(reason, await RefusedAsync("tenant", "allow", "one", subtree, "--reason", "a test"), StringComparison.Ordinal);
        Assert.Contains("evilother.example", await OkAsync("tenant", "allow", "one", "evilother.example", "--reason", "a test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suffix_that_overlaps_what_is_allowed_to_another_tenant_is_refused()
    {
        await OkAsync("tenant", "create", "one", "--suffix", "corp.example");
        await OkAsync("tenant", "allow", "one", "brand.example", "--reason", "a test");
        var refusal = await RefusedAsync("tenant", "create", "two", "--suffix", "x.brand.example=corp.test");
        Assert.Contains("overlaps brand.example, which is allowed to tenant one", refusal, StringComparison.Ordinal);
        Assert.Single(await ListAsync("tenant"));
    }

    [Fact]
    public async Task A_suffix_may_lead_to_several_forests()
    {
        await OkAsync("tenant", "create", "t", "--suffix", "contoso.com=Corp.Example,fabrikam.test,corp.example");
        Assert.Equal(
            ["contoso.com=corp.example,fabrikam.test"], Assert.Single(await ListAsync("tenant"))!["suffixes"]!.AsArray().Select(s => (string?)s));
        Assert.Equal(
            ["corp.example", "fabrikam.test"],
            (await ObjectAsync("token", "create", "--tenant", "t"))["forests"]!.AsArray().Select(s => (string?)s));
        Assert.Contains(
            "a NetBIOS name leads to one forest", await RefusedAsync("tenant", "create", "u", "--suffix", "CORP=a.example,b.example"), StringComparison.Ordinal);
        var nine = string.Join(',', Enumerable.Range(0, 9).Select(i => $"f{i}.example"));
        Assert.Contains("at most 8 forests", await RefusedAsync("tenant", "create", "u", "--suffix", $"u.example={nine}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suffix_is_added_later_or_led_elsewhere()
    {
        await OkAsync("tenant", "create", "one", "--suffix", "corp.example");
        await OkAsync("tenant", "allow", "one", "brand.example", "--reason", "a test");
        await OkAsync("tenant", "suffix", "one", "brand.example=corp.example", "--reason", "a test");
        await OkAsync("tenant", "suffix", "one", "Brand.Example=corp.example,fabrikam.test", "--reason", "a test");
        await OkAsync("tenant", "suffix", "one", "corp.example=other.example", "--reason", "a test");
        Assert.Equal(
            ["brand.example=corp.example,fabrikam.test", "corp.example=other.example"],
            Assert.Single(await ListAsync("tenant"))!["suffixes"]!.AsArray().Select(s => (string?)s).Order());
        await OkAsync("tenant", "create", "two", "--suffix", "two.example");
        Assert.Contains("belongs to tenant one", await RefusedAsync("tenant", "suffix", "two", "corp.example", "--reason", "a test"), StringComparison.Ordinal);
        Assert.Contains("allowed to tenant one", await RefusedAsync("tenant", "suffix", "two", "x.brand.example=two.example", "--reason", "a test"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Contoso")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task A_tenant_id_that_could_not_stand_in_an_address_is_refused(string id) =>
        Assert.Contains("cannot be a tenant's id", await RefusedAsync("tenant", "create", id, "--suffix", "corp.example"), StringComparison.Ordinal);

    [Theory]
    [InlineData("corp..example")]
    [InlineData("a=b=c")]
    [InlineData("corp.example=CORP")]
    [InlineData("=corp.example")]
    [InlineData("contoso.com=corp.example,")]
    [InlineData("contoso.com=corp.example,CORP")]
    public async Task What_is_not_a_suffix_is_refused(string suffix) =>
        Assert.Contains("is not SUFFIX", await RefusedAsync("tenant", "create", "t", "--suffix", suffix), StringComparison.Ordinal);

    [Fact]
    public async Task A_token_is_shown_once_and_stored_hashed()
    {
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example");
        var made = await ObjectAsync("token", "create", "--tenant", "t");
        Assert.True(JoinToken.TryParse((string)made["token"]!, out _));
        Assert.Equal("corp.example", (string?)Assert.Single(made["forests"]!.AsArray()));

        var listed = Assert.Single(await ListAsync("token"))!;
        Assert.Equal("open", (string?)listed["state"]);
        var secret = ((string)made["token"]!).Split('.')[1];
        Assert.All(
            Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(secret, File.ReadAllText(file), StringComparison.Ordinal));

        await OkAsync("token", "revoke", (string)made["tokenId"]!, "--reason", "a test");
        Assert.Equal("revoked", (string?)Assert.Single(await ListAsync("token"))!["state"]);
        Assert.Contains("could still be used", await RefusedAsync("token", "revoke", (string)made["tokenId"]!, "--reason", "a test"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--forest", "other.example", "has no forest")]
    [InlineData("--lifetime", "00:00:00", "is not allowed")]
    [InlineData("--lifetime", "7.00:00:01", "is not allowed")]
    public async Task A_token_that_would_give_too_much_is_refused(string option, string value, string reason)
    {
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example");
        Assert.Contains(reason, await RefusedAsync("token", "create", "--tenant", "t", option, value), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_api_key_is_made_listed_and_revoked()
    {
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example");
        var made = await ObjectAsync("apikey", "create", "--tenant", "t", "--name", "mail");
        Assert.StartsWith("pta1.", (string)made["key"]!, StringComparison.Ordinal);
        Assert.Equal("valid", (string?)Assert.Single(await ListAsync("apikey"))!["state"]);
        await OkAsync("apikey", "revoke", (string)made["keyId"]!, "--reason", "a test");
        Assert.Equal("revoked", (string?)Assert.Single(await ListAsync("apikey"))!["state"]);
    }

    [Fact]
    public async Task A_tenant_s_lockout_policy_is_shown_set_and_reset()
    {
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example");
        await OkAsync("tenant", "create", "other", "--suffix", "other.example");
        Assert.Equal(("10", "default"), await NumberAsync("budget", "tenant", "policy", "t"));

        Assert.Equal(("5", "tenant"), await NumberAsync("budget", "tenant", "policy", "t", "--budget", "5", "--lock-time", "00:02:00", "--reason", "a test"));
        Assert.Equal(("00:02:00", "tenant"), await NumberAsync("lockTime", "tenant", "policy", "t"));
        Assert.Equal(("2.00:00:00", "tenant"), await NumberAsync("failureMemory", "tenant", "policy", "t", "--failure-memory", "2.00:00:00", "--reason", "a test"));
        Assert.Equal(("00:00:15", "default"), await NumberAsync("permitLifetime", "tenant", "policy", "t"));
        Assert.Equal(("10", "default"), await NumberAsync("budget", "tenant", "policy", "other"));

        Assert.Equal(("00:03:00", "tenant"), await NumberAsync("lockTime", "tenant", "policy", "t", "--reset", "--lock-time", "00:03:00", "--reason", "a test"));
        Assert.Equal(("10", "default"), await NumberAsync("budget", "tenant", "policy", "t"));
        Assert.Equal(("00:01:00", "default"), await NumberAsync("lockTime", "tenant", "policy", "t", "--reset", "--reason", "a test"));
    }

    [Fact]
    public async Task Every_number_of_the_policy_can_be_set()
    {
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example");
        var shown = JsonNode.Parse(await OkAsync("tenant", "policy", "t", "--json"))!.AsArray();
        Assert.Equal(
            typeof(LockoutPolicy).GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.SetMethod is not null).Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]).Order(),
            shown.Select(row => (string)row!["number"]!).Order());
        Assert.Equal(LockoutNumbers.Descriptor.Fields.InFieldNumberOrder().Count, shown.Count);
    }

    [Fact]
    public async Task Every_number_out_of_its_range_is_named_at_once_and_nothing_is_changed()
    {
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example");
        var refusal = await RefusedAsync("tenant", "policy", "t", "--budget", "1", "--lock-time", "0:00:00.5", "--failure-memory", "99999.00:00:00", "--reason", "a test");
        Assert.Equal(3, refusal.Trim().Split('\n').Length);
        Assert.Contains("Budget is 1: must be 2 to 50", refusal, StringComparison.Ordinal);
        Assert.Equal(("10", "default"), await NumberAsync("budget", "tenant", "policy", "t"));
        Assert.Contains("no tenant 'x'", await RefusedAsync("tenant", "policy", "x"), StringComparison.Ordinal);

        var (code, _, error) = await RunAsync("tenant", "policy", "t", "--budget", "-1", "--lock-time", "soon", "--reason", "a test");
        Assert.Equal((int)FaultKind.Usage, code);
        Assert.Equal(2, error.Trim().Split('\n').Length);
        Assert.Contains("'soon' is not a time", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_is_not_there_cannot_be_revoked() =>
        Assert.Contains("no agent 'x'", await RefusedAsync("agent", "revoke", "x", "--reason", "a test"), StringComparison.Ordinal);

    [Fact]
    public async Task Lists_are_tables_for_people()
    {
        Assert.Equal("none", (await OkAsync("agent", "list")).Trim());
        await OkAsync("tenant", "create", "t", "--suffix", "corp.example");
        var lines = (await OkAsync("tenant", "list")).Trim().Split('\n');
        Assert.StartsWith("TENANT  NAME  SUFFIXES", lines[0], StringComparison.Ordinal);
        Assert.Matches("^t +t +corp.example +- +\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ +-$", lines[1].TrimEnd());
    }

    [Theory]
    [InlineData("tenant"), InlineData("token"), InlineData("agent"), InlineData("apikey"), InlineData("run"), InlineData("tenant policy")]
    public async Task Every_group_explains_itself(string group)
    {
        var (code, output, _) = await RunAsync([.. group.Split(' '), "--help"]);
        Assert.Equal(0, code);
        Assert.Contains("--config", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_is_not_one_is_a_usage_fault()
    {
        var (code, _, error) = await RunAsync("tenant", "destroy");
        Assert.Equal((int)FaultKind.Usage, code);
        Assert.Contains("PTG-002", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_wrong_option_of_the_configuration_is_named_at_once()
    {
        var (code, _, error) = await RunAsync(
            new Dictionary<string, string>
            {
                ["PASSTHROUGH_GATEWAY__Colour"] = "red",
                ["PASSTHROUGH_GATEWAY__Listen__PagePort"] = "70000",
                ["PASSTHROUGH_GATEWAY__Agents__VerdictTimeout"] = "soon",
            },
            "tenant", "list");
        Assert.Equal((int)FaultKind.ConfigurationWrong, code);
        Assert.Equal(3, error.Trim().Split('\n').Length);
        Assert.Contains("Colour is not an option", error, StringComparison.Ordinal);
        Assert.Contains("Listen:PagePort is 70000", error, StringComparison.Ordinal);
        Assert.Contains("Agents:VerdictTimeout is 'soon'", error, StringComparison.Ordinal);
    }

    private async Task<(string Value, string Source)> NumberAsync(string number, params string[] args)
    {
        var row = JsonNode.Parse(await OkAsync([.. args, "--json"]))!.AsArray().Single(row => (string?)row!["number"] == number)!;
        return (row["value"]!.ToString(), (string)row["source"]!);
    }

    private async Task<JsonArray> ListAsync(string group) => JsonNode.Parse(await OkAsync(group, "list", "--json"))!.AsArray();

    private async Task<JsonObject> ObjectAsync(params string[] args) => JsonNode.Parse(await OkAsync([.. args, "--json"]))!.AsObject();

    private async Task<string> OkAsync(params string[] args)
    {
        var (code, output, error) = await RunAsync(args);
        Assert.True(code == 0, error);
        return output;
    }

    private async Task<string> RefusedAsync(params string[] args)
    {
        var (code, _, error) = await RunAsync(args);
        Assert.Equal((int)FaultKind.Refused, code);
        Assert.StartsWith("passthrough-gateway: PTG-001 ", error, StringComparison.Ordinal);
        return error;
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => RunAsync([], args);

    private async Task<(int Code, string Output, string Error)> RunAsync(Dictionary<string, string> environment, params string[] args)
    {
        environment["PASSTHROUGH_GATEWAY__StateDirectory"] = Path.Combine(_folder.FullName, "state");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await new AdminCommand(environment, TimeProvider.System, output, error).RunAsync(args);
        return (code, output.ToString(), error.ToString());
    }
}
