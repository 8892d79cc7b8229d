using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Text.Json;
using System.Text.RegularExpressions;
using Passthrough.Lab.Tests.Installations;
using Xunit.Abstractions;

namespace Passthrough.Cluster.Tests;

/// <summary>The commands of the README that bring everything up.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class UpTests(ITestOutputHelper output)
{
    private static readonly string Up = Path.Combine(Installation.RepositoryRoot, "ops", "up");

    [Fact]
    public async Task Up_with_a_directory_of_ones_own_asks_that_directory()
    {
        var home = Directory.CreateTempSubdirectory("passthrough-up-test-");
        try
        {
            var forests = Path.Combine(home.FullName, "forests.json");
            await File.WriteAllTextAsync(forests, JsonSerializer.Serialize(LabForests.WithPasswordIn(Path.Combine(home.FullName, "password"))));
            var printed = await ServiceProcess.RunAsync(
                new Dictionary<string, string>(), Up, "--agents", "2", "--check", "--directory", forests);
            Assert.Contains("2 of 2 agents are one cluster", printed, StringComparison.Ordinal);
            Assert.Matches(@"ok +unknown user +nobody@corp\.example +UserNotFoundInForest +agent agent-[12]", printed);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    /// <summary>The README's tour: its own commands, and those that are printed.</summary>
    [Fact]
    public async Task An_agent_of_three_is_killed_people_sign_in_all_the_while_and_it_comes_back()
    {
        var log = Path.GetTempFileName();
        await using var up = ServiceProcess.Start(log, new Dictionary<string, string>(), Up, "--agents", "3");
        await PrintsAsync(up, "Ctrl-C ends it and cleans up");
        var (tour, steps) = Tour(up);
        Assert.Equal(ToldBy(steps[0].Output), ToldBy(up.Log()));
        Assert.Contains("\"verdict\":\"Success\"", await ShellAsync(Match(up, "(?m)^curl .*$")), StringComparison.Ordinal);
        Assert.Equal(3, await MembersAsync(up));
        Assert.True(await ShowsMembersAsync(tour, steps[1]));

        using var client = Client(up);
        await using var load = new Load((name, password) => ValidateAsync(client, up, name, password), people: 8);
        await Eventually.TrueAsync("people sign in", TimeSpan.FromSeconds(30), () => Task.FromResult(load.Count > 50));
        await ShellAsync(tour.Real(steps[2].Command));
        var killed = load.Now;
        foreach (var (command, shown) in steps[3..5])
        {
            var answered = new Regex("""^\["Success","agent-[1-3]",\d+\]\s*$""");
            Assert.Matches(answered, shown);
            Assert.Matches(answered, await ShellAsync(tour.Real(command)));
        }

        await PrintsAsync(up, "agent-2 ended with 137; started again as process ");
        await Eventually.TrueAsync("it is back", TimeSpan.FromSeconds(60), async () => await ShowsMembersAsync(tour, steps[5]));
        await Eventually.TrueAsync("it signs people in", TimeSpan.FromSeconds(60), () => Task.FromResult(
            load.Timed.Any(each => each.Asked > killed + TimeSpan.FromSeconds(1) && each.Answer.Agent?.Name == "agent-2")));
        var back = load.Now;
        Assert.All(await load.StopAsync(), answer => Assert.Equal("Success", answer.Verdict));
        output.WriteLine(
            $"{load.Count} sign-ins, {load.Timed.Count(each => each.Asked + each.Took > killed)} of them after the kill; the longest "
            + $"{load.Timed.Max(each => each.Took).TotalMilliseconds:0} ms; back at work {(back - killed).TotalSeconds:0.0} s after the kill");

        var home = Match(up, @"(?m)^Logs +(\S+)/\*\.log$");
        Assert.Equal(143, await up.TerminateAsync());
        Assert.False(Directory.Exists(home) || Directory.Exists($"{home}-postgresql"));
        Assert.DoesNotContain(Process.GetProcesses(), process => CommandLine(process.Id).Contains(home, StringComparison.Ordinal));
        File.Delete(log);
    }

    [Theory, InlineData("0"), InlineData("10"), InlineData("two"), InlineData("")]
    public async Task A_number_of_agents_that_cannot_be_is_refused(string agents)
    {
        var (code, _, error) = await ServiceProcess.TryRunAsync(new Dictionary<string, string>(), Up, "--agents", agents);
        Assert.Equal((1, "up: --agents needs a number from 1 to 9"), (code, error.TrimEnd()));
    }

    /// <summary>The part of the README, with what stands for its words in this run.</summary>
    private static (ShownSession Tour, List<(string Command, string Output)> Steps) Tour(ServiceProcess up)
    {
        var readme = File.ReadAllText(Path.Combine(Installation.RepositoryRoot, "README.md"));
        var tour = new ShownSession(readme.Split("### Kill an agent\n")[1].Split("\n### ")[0]);
        var steps = tour.Steps.ToList();
        Assert.Equal(["sudo ops/up --agents 3 --check", "pbm", "kill", "curl", "curl", "pbm"], steps.Select((step, i) => i == 0 ? step.Command : step.Command.Split(' ')[0]));
        tour.Stands(Regex.Match(steps[1].Command, @"^pbm \S+").Value, Regex.Match(Match(up, @"(?m)^Operator +(.*)$"), "^(.*) cluster show$").Groups[1].Value);
        tour.Stands(Regex.Match(steps[2].Command, @"\d{3,}").Value, Match(up, @"(?m)^agent-2 +(\d+) "));
        tour.Stands(steps[3].Command.Split(" | ")[0], Match(up, "(?m)^curl .*$"));
        return (tour, steps);
    }

    /// <summary>The steps that ops/up tells of, without their times.</summary>
    private static List<string> ToldBy(string printed) =>
        [.. Regex.Matches(printed, @"(?m)^\[ *\d+ s\] (.*)$").Select(line => line.Groups[1].Value).TakeWhile(line => line != "ready")];

    /// <summary>In whatever order they joined.</summary>
    private static async Task<bool> ShowsMembersAsync(ShownSession tour, (string Command, string Output) step) =>
        tour.Shows(Sorted(step.Output), Sorted(await ShellAsync(tour.Real(step.Command))));

    private static string Sorted(string lines) => string.Join('\n', lines.Trim().Split('\n').Order(StringComparer.Ordinal));

    private static Task<TimeSpan> PrintsAsync(ServiceProcess up, string line) => Eventually.TrueAsync(
        $"ops/up prints \"{line}\"", TimeSpan.FromSeconds(300), () => up.HasExited
            ? throw new InvalidOperationException($"ops/up ended: {up.Log()}")
            : Task.FromResult(up.Log().Contains(line, StringComparison.Ordinal)));

    /// <summary>What it has printed: the group of the pattern, or all that matches.</summary>
    private static string Match(ServiceProcess up, string pattern) => Regex.Match(up.Log(), pattern).Groups.Values.Last().Value;

    private static Task<string> ShellAsync(string command) => ServiceProcess.RunAsync(new Dictionary<string, string>(), "bash", "-c", command);

    /// <summary>How many members the printed command shows, all reachable.</summary>
    private static async Task<int> MembersAsync(ServiceProcess up) =>
        (await ShellAsync(Match(up, @"(?m)^Operator +(.*)$"))).Split('\n').Count(line => line.Contains("| up | reachable |", StringComparison.Ordinal));

    private static HttpClient Client(ServiceProcess up)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, faults) => (faults & SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
        return new HttpClient(handler)
        {
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Match(up, @"(?m)^API key +(\S+)$")) },
            Timeout = TimeSpan.FromSeconds(40),
        };
    }

    private static async Task<Validation> ValidateAsync(HttpClient client, ServiceProcess up, string name, string password)
    {
        using var reply = await client.PostAsJsonAsync(new Uri(Match(up, @"(?m)^JSON endpoint +(\S+)$")), new { userName = name, password });
        return (await reply.Content.ReadFromJsonAsync<Validation>())!;
    }

    /// <summary>Empty if it has ended.</summary>
    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
