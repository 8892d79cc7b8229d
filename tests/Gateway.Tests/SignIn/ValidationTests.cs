using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.SignIn;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.SignIn;

public class ValidationTests
{
    private const string Path = "/v1/tenants/acme/validations";

    [Fact]
    public async Task A_service_learns_the_verdict_and_its_circumstances()
    {
        await using var host = await SignInHost.StartAsync();
        var detail = new AnswerDetail
        {
            DomainController = "dc1.corp.example",
            Route = "dns-name corp.example",
            PermitNumber = 42,
            QueueUs = 11,
            LookupUs = 2200,
            PermitUs = 300,
            UnsealUs = 40,
            BindUs = 4100,
            TotalUs = 6700,
        };
        host.Agent = (_, _, _) => Task.FromResult(SignInHost.Outcome(Verdict.Success, detail));
        var (response, json) = await AskAsync(host, "anna@corp.example", "pa\"ss\\wörd\u0001 ");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([("anna@corp.example", "pa\"ss\\wörd\u0001 ")], host.Asked);
        Assert.Equal(32, json.GetProperty("attemptId").GetString()!.Length);
        Assert.Equal("Success", json.GetProperty("verdict").GetString());
        Assert.Equal("SignedIn", json.GetProperty("publicMeaning").GetString());
        Assert.Equal(0, json.GetProperty("aadsts").GetInt32());
        Assert.Equal("agent-1", json.GetProperty("agent").GetProperty("name").GetString());
        Assert.Equal("dc1.corp.example", json.GetProperty("domainController").GetString());
        Assert.Equal(42, json.GetProperty("permit").GetInt32());
        Assert.Equal(1, json.GetProperty("dispatches").GetInt32());
        Assert.Equal(4100, json.GetProperty("timings").GetProperty("bindUs").GetInt32());
        Assert.Equal(7000, json.GetProperty("timings").GetProperty("totalUs").GetInt32());
    }

    [Fact]
    public async Task Every_verdict_has_its_status_and_numbers()
    {
        await using var host = await SignInHost.StartAsync();
        foreach (var row in VerdictTable.Rows)
        {
            host.Agent = (_, _, _) => Task.FromResult(SignInHost.Outcome(row.Verdict));
            var (response, json) = await AskAsync(host, "anna@corp.example", "any");
            var later = row.Public == PublicMeaning.TryAgainLater;
            Assert.Equal(later ? 503 : 200, (int)response.StatusCode);
            Assert.Equal(later, response.Headers.RetryAfter is not null);
            Assert.Equal(row.Verdict.ToString(), json.GetProperty("verdict").GetString());
            Assert.Equal(row.Windows, json.GetProperty("windows").Deserialize<int?>());
            Assert.Equal(row.Aadsts, json.GetProperty("aadsts").Deserialize<int?>());
        }
    }

    [Fact]
    public async Task What_cannot_be_a_name_is_a_verdict_and_nobody_is_asked()
    {
        await using var host = await SignInHost.StartAsync();
        var (response, json) = await AskAsync(host, "@corp.example", "any");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("InvalidUsernameFormat", json.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("agent").ValueKind);
        Assert.Empty(host.Asked);
    }

    [Fact]
    public async Task A_caller_without_a_good_key_is_refused_before_its_body_is_read()
    {
        await using var host = await SignInHost.StartAsync();
        var damaged = host.Key[..^1] + (host.Key[^1] == 'A' ? 'B' : 'A');
        foreach (var header in (string?[])[null, "", "Bearer", "Bearer ", "Bearer x", $"Basic {host.Key}", $"Bearer {damaged}", host.Key])
        {
            var response = await PostAsync(host, header, Path, Good());
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(host, $"Bearer {host.OtherTenantsKey}", Path, Good())).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden, (await PostAsync(host, $"Bearer {host.Key}", "/v1/tenants/nobody/validations", Good())).StatusCode);
        Assert.Empty(host.Asked);
        Assert.DoesNotContain(host.Log.All, line => line.Text.Contains(host.Key.Split('.')[2], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_the_next_request()
    {
        await using var host = await SignInHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, $"Bearer {host.Key}", Path, Good())).StatusCode);
        host.Revoke();
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(host, $"Bearer {host.Key}", Path, Good())).StatusCode);
    }

    [Fact]
    public async Task A_source_that_shows_wrong_keys_is_limited_and_good_keys_from_it_are_not()
    {
        await using var host = await SignInHost.StartAsync(
            new SignInOptions { SourceBurst = 2, SourcePerMinute = 1 });
        var codes = new List<HttpStatusCode>();
        for (var i = 0; i < 4; i++)
        {
            codes.Add((await PostAsync(host, "Bearer x", Path, Good())).StatusCode);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], codes);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, $"Bearer {host.Key}", Path, Good())).StatusCode);
        Assert.Equal(2, host.Log.All.Count(line => line.EventId == 3304));
    }

    [Fact]
    public async Task Bodies_are_bounded_and_must_be_JSON()
    {
        await using var host = await SignInHost.StartAsync();
        var bearer = $"Bearer {host.Key}";
        var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(host, bearer, Path, text)).StatusCode);
        var latin = new StringContent("{}", Encoding.Latin1, "application/json");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(host, bearer, Path, latin)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(host, bearer, Path, Json("{"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(host, bearer, Path, Json(new string(' ', 4096)))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(host, bearer, Path, Json(new string(' ', 4097)))).StatusCode);
        Assert.Empty(host.Asked);
    }

    [Fact]
    public async Task A_key_has_only_so_many_validations_in_flight()
    {
        await using var host = await SignInHost.StartAsync(new SignInOptions { ValidationsInFlightPerKey = 1 });
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        host.Agent = async (_, _, cancel) =>
        {
            asked.TrySetResult();
            await answer.Task.WaitAsync(cancel);
            return SignInHost.Outcome(Verdict.Success);
        };
        var first = PostAsync(host, $"Bearer {host.Key}", Path, Good());
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var second = await PostAsync(host, $"Bearer {host.Key}", Path, Good());
        answer.SetResult();

        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, $"Bearer {host.Key}", Path, Good())).StatusCode);
    }

    [Fact]
    public async Task A_fault_here_is_a_problem_with_an_id_and_no_log_line_holds_the_password()
    {
        await using var host = await SignInHost.StartAsync();
        host.Agent = (_, _, _) => throw new InvalidOperationException("planted");
        var response = await PostAsync(host, $"Bearer {host.Key}", Path, Good());
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        var id = problem.GetProperty("detail").GetString()!.Split(' ')[^1];
        Assert.Contains(host.Log.All, line => line.EventId == 3302 && line.Text.Contains(id, StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.All, line => line.Text.Contains("Kanarienvogel", StringComparison.Ordinal));
    }

    [Theory, InlineData("GET", Path, 405), InlineData("POST", "/v1/nothing", 404)]
    public async Task A_wrong_address_is_told_to_a_service_in_its_own_language(string method, string path, int status)
    {
        await using var host = await SignInHost.StartAsync();
        using var client = host.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var response = await client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private static async Task<(HttpResponseMessage Response, JsonElement Json)> AskAsync(SignInHost host, string userName, string password)
    {
        var response = await PostAsync(host, $"Bearer {host.Key}", Path, JsonContent.Create(new { userName, password }));
        return (response, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private static async Task<HttpResponseMessage> PostAsync(SignInHost host, string? authorization, string path, HttpContent content)
    {
        using var client = host.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await client.SendAsync(request);
    }

    private static StringContent Good() => Json("{\"userName\":\"anna@corp.example\",\"password\":\"Kanarienvogel\"}");

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
