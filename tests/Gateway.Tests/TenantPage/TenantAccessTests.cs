using System.Net.Http.Headers;
using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Gateway.Tests.Support;

namespace Passthrough.Gateway.Tests.TenantPage;

/// <summary>Who may look at a tenant's page, on a whole gateway.</summary>
public sealed class TenantAccessTests
{
    [Fact]
    public async Task A_key_of_the_page_opens_the_page_and_nothing_else_does()
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = site.Visitor();
        foreach (var path in (string[])["/tenant", "/tenant/search"])
        {
            var sent = await visitor.GetAsync(path);
            Assert.Equal((303, "/tenant/sign-in"), (sent.Code, sent.Location));
        }

        Assert.Equal(403, (await visitor.GetAsync("/tenant/stream")).Code);
        var (id, key) = await site.KeyAsync();
        var ended = await site.KeyAsync(options: ["--lifetime", "00:00:01"], name: "short");
        var revoked = await site.KeyAsync();
        await site.Gateway.AdminAsync("pagekey", "revoke", revoked.Id, "--reason", "a test");
        var service = (string)(await site.Gateway.AdminAsync("apikey", "create", "--tenant", TestGateway.Tenant, "--name", "web"))["key"]!;
        var directory = site.Gateway.Get<Passthrough.Gateway.Storage.TenantDirectory>();
        await Eventually.TrueAsync(
            () => directory.Now.FindApiKey(revoked.Id, Passthrough.Gateway.Storage.KeyPurpose.TenantPage, DateTimeOffset.MinValue) is null
                && directory.Now.FindApiKey(ended.Id, Passthrough.Gateway.Storage.KeyPurpose.TenantPage, TimeProvider.System.GetUtcNow()) is null,
            "both keys are over");

        string[] wrong =
        [
            "", "nonsense", revoked.Key, ended.Key, service, service.Replace("pta1", "ptt1", StringComparison.Ordinal),
            key[..^4] + (key.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA"), key.Replace("ptt1", "pta1", StringComparison.Ordinal),
        ];
        var refusals = new List<Visitor.Answer>();
        foreach (var text in wrong)
        {
            refusals.Add(await TenantSite.SignInAsync(visitor, text));
        }

        Assert.All(refusals, answer => Assert.Equal((403, refusals[0].Uniform), (answer.Code, answer.Uniform)));
        Assert.Equal(303, (await visitor.GetAsync("/tenant")).Code);
        Assert.Equal(wrong.Length, site.Gateway.Log.All.Count(line => line.EventId == 3860));
        Assert.All(wrong.Where(text => text.Length > 20), text => Assert.DoesNotContain(site.Gateway.Log.All, line => line.Text.Contains(text.Split('.')[2], StringComparison.Ordinal)));

        // A key of the page validates nobody's password.
        using var client = site.Gateway.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var body = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(401, (int)(await client.PostAsync($"/v1/tenants/{TestGateway.Tenant}/validations", body)).StatusCode);

        var begun = await TenantSite.SignInAsync(visitor, $" {key} ");
        Assert.Equal((303, "/tenant"), (begun.Code, begun.Location));
        var cookie = begun.Headers["Set-Cookie"].Split('\n').Single(each => each.StartsWith("__Host-passthrough-tenant=", StringComparison.Ordinal));
        foreach (var part in (string[])["; secure", "; httponly", "; samesite=strict", "; path=/"])
        {
            Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain("expires=", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, (await visitor.GetAsync("/tenant")).Code);
        Assert.Equal((303, "/tenant"), ((await visitor.GetAsync("/tenant/sign-in")).Code, (await visitor.GetAsync("/tenant/sign-in")).Location));
        await IsRecordedAsync(site, $"by=Ida Admin (page key {id})  what=sign-in to the tenant page  tenant=contoso  result=done");
    }

    [Fact]
    public async Task A_revoked_key_ends_its_sessions_and_their_streams_within_seconds()
    {
        await using var site = await TenantSite.StartAsync();
        var (id, key) = await site.KeyAsync();
        using var visitor = site.Visitor();
        await TenantSite.SignInAsync(visitor, key);
        using var bystander = await site.SignedInAsync();
        await using var stream = await visitor.Client.GetStreamAsync("/tenant/stream");
        await using var others = await bystander.Client.GetStreamAsync("/tenant/stream");
        using var reader = new StreamReader(stream);
        Assert.Equal("event: page", await reader.ReadLineAsync().InTimeAsync());

        var listed = (await site.Gateway.AdminAsync("pagekey", "list")).AsArray();
        Assert.Equal(["valid", "valid"], listed.Select(each => (string?)each!["state"]));
        Assert.DoesNotContain(key.Split('.')[2], listed.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain((await site.Gateway.AdminAsync("apikey", "list")).AsArray(), each => (string?)each!["keyId"] == id);

        var since = TimeProvider.System.GetTimestamp();
        await site.Gateway.AdminAsync("pagekey", "revoke", id, "--reason", "a test");
        await reader.ReadToEndAsync().InTimeAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(303, (await visitor.GetAsync("/tenant")).Code);
        Assert.Equal(403, (await visitor.GetAsync("/tenant/stream")).Code);
        Assert.Equal(200, (await bystander.GetAsync("/tenant")).Code);
        await IsRecordedAsync(site, $"what=pagekey revoke {id}");
    }

    [Fact]
    public async Task Signing_out_ends_all_sessions_of_the_key_and_nobody_elses()
    {
        await using var site = await TenantSite.StartAsync();
        var (_, key) = await site.KeyAsync();
        using var here = site.Visitor();
        using var there = site.Visitor();
        using var bystander = await site.SignedInAsync();
        await TenantSite.SignInAsync(here, key);
        await TenantSite.SignInAsync(there, key);
        await using var stream = await there.Client.GetStreamAsync("/tenant/stream");

        // Not from another site's form, and not by an address alone.
        Assert.Equal(400, (await here.PostAsync("/tenant/sign-out", "none")).Code);
        Assert.Equal(405, (await here.GetAsync("/tenant/sign-out")).Code);
        Assert.Equal(200, (await here.GetAsync("/tenant")).Code);

        var ended = await here.PostAsync("/tenant/sign-out", (await here.GetAsync("/tenant/search")).Token);
        Assert.Equal((303, "/tenant/sign-in"), (ended.Code, ended.Location));
        Assert.Equal(303, (await here.GetAsync("/tenant")).Code);
        using var reader = new StreamReader(stream);
        await reader.ReadToEndAsync().InTimeAsync();
        Assert.Equal(303, (await there.GetAsync("/tenant")).Code);
        Assert.Equal(200, (await bystander.GetAsync("/tenant")).Code);

        // The key itself is good.
        await TenantSite.SignInAsync(there, key);
        Assert.Equal(200, (await there.GetAsync("/tenant")).Code);
    }

    [Fact]
    public async Task A_tenant_that_ends_takes_its_keys_along()
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = await site.SignedInAsync();
        await site.Gateway.AdminAsync("tenant", "revoke", TestGateway.Tenant, "--reason", "a test");
        await Eventually.TrueAsync(() => visitor.GetAsync("/tenant").Result.Code == 303, "the page is closed");
    }

    [Fact]
    public async Task Keys_are_typed_no_faster_than_sign_ins()
    {
        await using var site = await TenantSite.StartAsync(options => options.SignIn.SourceBurst = 5);
        using var visitor = site.Visitor();
        var token = (await visitor.GetAsync("/tenant/sign-in")).Token;
        var codes = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            codes.Add((await visitor.PostAsync("/tenant/sign-in", token, ("key", $"ptt1.{i}"))).Code);
        }

        Assert.Equal([403, 403, 403, 403, 403], codes.Take(5));
        Assert.Contains(429, codes);
    }

    [Fact]
    public async Task A_tenants_pages_that_follow_by_themselves_are_bounded_and_each_leaves_its_place()
    {
        await using var site = await TenantSite.StartAsync();
        using var visitor = await site.SignedInAsync();
        using var other = await site.SignedInAsync(TenantSite.Other);
        var streams = new List<Stream>();
        for (var i = 0; i < 16; i++)
        {
            streams.Add(await visitor.Client.GetStreamAsync("/tenant/stream"));
        }

        Assert.Equal(503, (await visitor.GetAsync("/tenant/stream")).Code);
        streams.Add(await other.Client.GetStreamAsync("/tenant/stream"));
        streams[0].Dispose();
        await Eventually.TrueAsync(
            () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/tenant/stream");
                using var response = visitor.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Result;
                return (int)response.StatusCode == 200;
            },
            "a place is free again");
        streams.ForEach(stream => stream.Dispose());
    }

    [Theory]
    [InlineData("--lifetime", "366.00:00:01")]
    [InlineData("--lifetime", "00:00:00.5")]
    public async Task A_key_of_the_page_ends(string option, string value)
    {
        await using var gateway = await TestGateway.StartAsync();
        var made = await gateway.AdminAsync("pagekey", "create", "--tenant", TestGateway.Tenant, "--name", "Anna");
        var ends = DateTimeOffset.Parse((string)made["expiresAt"]!, null);
        Assert.InRange(ends - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(89.9), TimeSpan.FromDays(90));
        await Assert.ThrowsAnyAsync<Exception>(() => gateway.AdminAsync("pagekey", "create", "--tenant", TestGateway.Tenant, "--name", "Anna", option, value));
    }

    private static Task IsRecordedAsync(TenantSite site, string words) => Eventually.TrueAsync(
        () => site.Gateway.CommandAsync("audit", "search", "--since", "1h").Result.Contains(words, StringComparison.Ordinal), $"the record: {words}");
}
