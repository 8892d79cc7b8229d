using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>docs/API.md says what the endpoint does: its examples are sent, and its answers compared with real ones.</summary>
public partial class ApiPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "API.md"));

    private static readonly List<JsonElement> Examples =
        [.. JsonBlock().Matches(Page).Select(m => JsonDocument.Parse(m.Groups["json"].Value).RootElement)];

    private static IEnumerable<JsonElement> Replies => Examples.Where(e => e.TryGetProperty("verdict", out _));

    [Fact]
    public async Task The_pages_question_is_taken_and_its_answers_have_the_shape_of_real_ones()
    {
        await using var host = await SignInHost.StartAsync();
        var question = Examples.First(e => e.TryGetProperty("userName", out _)).GetRawText();
        Assert.Equal(3, Replies.Count());
        foreach (var example in Replies)
        {
            host.Agent = (_, _, _) => Task.FromResult(OutcomeOf(example));
            var response = await PostAsync(host, question);
            var real = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(ShapeOf(example), ShapeOf(real));
            foreach (var field in (string[])["verdict", "publicMeaning", "aadsts", "windows", "lockedForSeconds", "dispatches"])
            {
                Assert.Equal(example.GetProperty(field).ToString(), real.GetProperty(field).ToString());
            }

            var later = example.GetProperty("publicMeaning").GetString() == "TryAgainLater";
            Assert.Equal(later ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_pages_problem_is_a_real_one()
    {
        await using var host = await SignInHost.StartAsync();
        var response = await PostAsync(host, "{\"userName\":\"anna@corp.example\",\"password\":\"\"}");
        var real = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Contains(Examples, example => JsonElement.DeepEquals(example, real));
    }

    [Fact]
    public void The_page_explains_every_field()
    {
        var explained = FieldRow().Matches(Page).Select(m => m.Groups["field"].Value).ToHashSet();
        Assert.All(Replies.SelectMany(r => r.EnumerateObject()), field => Assert.Contains(field.Name, explained));
        Assert.All(
            Replies.SelectMany(r => r.GetProperty("timings").EnumerateObject()),
            field => Assert.Contains($"`{field.Name}`", Page, StringComparison.Ordinal));
    }

    private static ValidationOutcome OutcomeOf(JsonElement example)
    {
        var outcome = SignInHost.Outcome(Enum.Parse<Verdict>(example.GetProperty("verdict").GetString()!), new AnswerDetail
        {
            DomainController = example.GetProperty("domainController").GetString() ?? "",
            Route = example.GetProperty("route").GetString() ?? "",
            PermitNumber = example.GetProperty("permit").ValueKind == JsonValueKind.Null ? 0 : example.GetProperty("permit").GetUInt64(),
        });
        outcome = outcome with
        {
            Dispatches = example.GetProperty("dispatches").GetInt32(),
            LockedFor = TimeSpan.FromSeconds(example.GetProperty("lockedForSeconds").GetDouble()),
        };
        return example.GetProperty("agent").ValueKind == JsonValueKind.Null
            ? outcome with { AgentId = null, AgentName = null }
            : outcome;
    }

    /// <summary>Names and kinds of all fields, in their order.</summary>
    private static string ShapeOf(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? $"{{{string.Join(", ", value.EnumerateObject().Select(p => $"{p.Name}: {ShapeOf(p.Value)}"))}}}"
        : value.ValueKind.ToString();

    private static async Task<HttpResponseMessage> PostAsync(SignInHost host, string body)
    {
        using var client = host.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tenants/acme/validations");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {host.Key}");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request);
    }

    [GeneratedRegex("```json\n(?<json>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex(@"^\| `(?<field>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex FieldRow();
}
