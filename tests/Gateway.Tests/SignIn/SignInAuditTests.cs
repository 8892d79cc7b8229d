using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Audit;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>What comes in by a real listener, and what the log's files say of it.</summary>
public sealed class SignInAuditTests : IDisposable
{
    private const string Canary = "Canary-71!kestrel";

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("passthrough-audit-");

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task Each_attempt_is_one_record_with_its_circumstances_and_without_its_password()
    {
        var detail = new AnswerDetail
        {
            DomainController = "dc1.corp.example",
            Route = "dns-name corp.example",
            PermitNumber = 42,
            BindUs = 4100,
            TotalUs = 6700,
        };
        await using (var audit = Open())
        await using (var host = await SignInHost.StartAsync(audit: audit))
        {
            host.Agent = (_, password, _) => Task.FromResult(
                SignInHost.Outcome(password == SignInHost.RightPassword ? Verdict.Success : Verdict.BadPassword, detail));
            await AskAsync(host, "Anna@corp.example", SignInHost.RightPassword);
            await AskAsync(host, "anna@corp.example", Canary);

            // A password in the wrong field.
            await AskAsync(host, "@" + Canary, Canary);
        }

        var lines = Lines();
        Assert.DoesNotContain(lines, line => line.Contains("Canary", StringComparison.OrdinalIgnoreCase));
        var records = lines.Select(line => System.Text.Encoding.UTF8.GetBytes(line[(AuditLine.HashLength + 1)..]))
            .Where(json => AuditFields.Text(json, "kind") == "signIn").ToList();
        Assert.Equal(["Success", "BadPassword", "InvalidUsernameFormat"], records.Select(json => AuditFields.Text(json, "verdict")));
        var wrong = AuditFields.All(records[1]).ToDictionary(field => field.Name, field => field.Text);
        Assert.Equal(
            ("1326", "50126", "acme", "anna@corp.example", "192.0.2.0/24", "agent-1", "dc1.corp.example", "dns-name corp.example", "42", "4100"),
            (wrong["windows"], wrong["aadsts"], wrong["tenant"], wrong["account"], wrong["source"], wrong["agentName"], wrong["dc"], wrong["route"],
                wrong["permit"], wrong["bindUs"]));
        Assert.Equal("anna@corp.example", AuditFields.Text(records[0], "account"));
        Assert.Null(AuditFields.Text(records[2], "account"));
    }

    [Fact]
    public async Task A_caller_who_goes_away_leaves_a_record()
    {
        await using (var audit = Open())
        await using (var host = await SignInHost.StartAsync(audit: audit))
        {
            var asked = new TaskCompletionSource();
            host.Agent = async (_, _, cancel) =>
            {
                asked.SetResult();
                await Task.Delay(Timeout.Infinite, cancel);
                return SignInHost.Outcome(Verdict.Success);
            };
            using var gone = new CancellationTokenSource();
            var asking = AskAsync(host, "anna@corp.example", "any", gone.Token);
            await asked.Task;
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        }

        Assert.Single(Lines(), line => line.Contains("\"ending\":\"Abandoned\"", StringComparison.Ordinal));
    }

    private AuditLog Open() => AuditLog.Open(
        new AuditPlace(_state.FullName, new AuditOptions { Pseudonyms = false }), "test", TimeProvider.System, NullLogger.Instance);

    private string[] Lines() => File.ReadAllLines(Assert.Single(Directory.GetFiles(Path.Combine(_state.FullName, "audit"))));

    private static async Task AskAsync(SignInHost host, string name, string password, CancellationToken cancel = default)
    {
        using var client = host.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", host.Key);
        using var response = await client.PostAsJsonAsync(
            new Uri("/v1/tenants/acme/validations", UriKind.Relative), new { userName = name, password, clientAddress = "192.0.2.17" }, cancel);
    }
}
