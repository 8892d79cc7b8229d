using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Passthrough.Gateway.Tests.Admin;

/// <summary>The program as it is installed, killed while it writes.</summary>
public sealed class AuditKillTests : IDisposable
{
    /// <summary>A process starts in a second, on a machine that builds beside it in a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "passthrough-gateway");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-kill-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_log_whose_writer_was_killed_under_load_is_whole_and_tells_of_it()
    {
        await RunAsync("tenant", "create", "contoso", "--suffix", "corp.example");
        var key = (string)JsonNode.Parse((await RunAsync("apikey", "create", "--tenant", "contoso", "--name", "load", "--json")).Output)!["key"]!;
        for (var round = 1; round <= 2; round++)
        {
            await LoadAndKillAsync(key);
            var (code, output) = await RunAsync("audit", "verify");
            Assert.True(code == 0, output);
            Assert.Contains("are as they were written", output, StringComparison.Ordinal);
            Assert.Contains($"{round} run", output, StringComparison.Ordinal);
        }

        // Whether a kill falls into a line is chance; so one is made.
        var newest = Directory.GetFiles(Path.Combine(_folder.FullName, "audit")).Order(StringComparer.Ordinal).Last();
        await File.AppendAllTextAsync(newest, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA {\"n\":9");
        Assert.Contains("not finished", (await RunAsync("audit", "verify")).Output, StringComparison.Ordinal);
        await LoadAndKillAsync(key);
        var last = await RunAsync("audit", "verify");
        Assert.True(last.Code == 0, last.Output);
        Assert.Contains("cut off after", last.Output, StringComparison.Ordinal);
    }

    private async Task LoadAndKillAsync(string key)
    {
        using var gateway = Start("run");
        var ready = await gateway.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        while (ready?.Contains("ready: page ", StringComparison.Ordinal) == false)
        {
            ready = await gateway.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        }

        var page = new Uri(ready!.Split("page ")[1].Split(',')[0]);
        _ = gateway.StandardOutput.ReadToEndAsync();
        using var client = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var before = Length();
        var load = Enumerable.Range(0, 16).Select(async _ =>
        {
            while (true)
            {
                // What is no name is answered, and recorded, by the gateway alone.
                using var body = new StringContent("""{"userName":"@x","password":"y"}""", Encoding.UTF8, "application/json");
                using var response = await client.PostAsync(new Uri(page, "/v1/tenants/contoso/validations"), body);
            }
        }).ToList();
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Length() < before + 50_000)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, "no records came");
            await timer.WaitForNextTickAsync();
        }

        gateway.Kill();
        await gateway.WaitForExitAsync().WaitAsync(Patience);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Task.WhenAll(load));
    }

    private long Length() => new DirectoryInfo(Path.Combine(_folder.FullName, "audit")).GetFiles().Sum(file => file.Length);

    private async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        using var process = Start(args);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, output + await error);
    }

    private Process Start(params string[] args) => Process.Start(new ProcessStartInfo(Program, args)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            ["PASSTHROUGH_GATEWAY__StateDirectory"] = _folder.FullName,
            ["PASSTHROUGH_GATEWAY__Listen__Address"] = "127.0.0.1",
            ["PASSTHROUGH_GATEWAY__Listen__PagePort"] = "0",
            ["PASSTHROUGH_GATEWAY__Listen__EnrolmentPort"] = "0",
            ["PASSTHROUGH_GATEWAY__Listen__StreamPort"] = "0",
            ["PASSTHROUGH_GATEWAY__Monitoring__Listen"] = "off",
        },
    })!;
}
