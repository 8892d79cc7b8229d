using System.Globalization;
using System.Runtime.Versioning;
using Passthrough.Agent.Tests.Support;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>The session of docs/OPERATING.md: every command in the page's order, by the shell, with real agents, a real gateway and
/// real domain controllers, prints what the page shows.</summary>
[Trait("needs", "lab"), Collection("lab"), SupportedOSPlatform("linux")]
public sealed class OperatingTests : IDisposable
{
    private const string Page = "docs/OPERATING.md", Slow = "dc2.corp.example", SlowAddress = "127.0.0.12";
    private const double Delay = 0.6;

    /// <summary>PTA-036, for a service manager: start it again.</summary>
    private const int AgentsRestart = 36;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly LabPerson Alice = LabPeople.Of("corp.example", "alice");

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("passthrough-operating-");

    private string DelayFile => PathOf("delay");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task The_session_of_the_page_goes_as_it_shows()
    {
        await File.WriteAllTextAsync(DelayFile, "0");
        await using var relay = ServiceProcess.Start(
            PathOf("relay.log"), new Dictionary<string, string>(), "python3",
            Path.Combine(Installation.RepositoryRoot, "tests/Lab.Tests/Directories/delaying-relay.py"), "636", $"{Slow}:636", DelayFile);
        await using var database = await PostgreSql.MakeAsync();
        PostgreSql.Journal(PathOf("journal"), database.ConnectionString);
        var options = new Dictionary<string, string>
        {
            ["Journal__Provider"] = "PostgreSql",
            ["Journal__ConnectionStringFile"] = PathOf("journal"),
        };
        await using var installation = await Installation.StartAsync(agents: 2, agentOptions: options, agentsIn: await BehindTheRelayAsync());
        await installation.MembersAsync(2, 0, 1);
        var third = installation.NewAgent("agent-3", options);
        await LockAsync(installation);
        await using var load = new Load(installation, people: 2);

        var session = new ShownSession(await File.ReadAllTextAsync(Path.Combine(Installation.RepositoryRoot, Page)));
        session.Stands("https://gateway.cloud.example:8444", installation.Enrolment.ToString().TrimEnd('/'));
        var before = new Dictionary<string, Func<Task>>
        {
            ["pbm dc list"] = () => File.WriteAllTextAsync(DelayFile, Delay.ToString(CultureInfo.InvariantCulture)),
            ["pbm dc readmit"] = () => File.WriteAllTextAsync(DelayFile, "0"),
            ["passthrough-gateway token create"] = async () =>
                Assert.All(await load.StopAsync(), answer => Assert.Equal("Success", answer.Verdict)),
        };
        var after = new Dictionary<string, Func<Task>>
        {
            ["pbm account unlock"] = async () => Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict),

            // What a service manager does.
            ["pbm cluster leave"] = async () =>
            {
                await Eventually.TrueAsync("agent-2 has ended", Patience, () => Task.FromResult(installation.Agent(1).Process.HasExited));
                Assert.Equal(AgentsRestart, installation.Agent(1).Process.ExitCode);
                await installation.Agent(1).LaunchAsync();
            },
            ["passthrough-agent enroll"] = () => third.LaunchAsync(),
        };
        try
        {
            foreach (var (command, output) in session.Steps)
            {
                await BeginsAsync(before, command);
                await ReplayAsync(session, command, output, Environment(installation, third));
                await BeginsAsync(after, command);
            }
        }
        finally
        {
            // To be pasted where the page is out of date.
            await File.WriteAllTextAsync(Path.Combine(installation.Home, "operating-session.log"), session.Written);
        }

        Assert.Empty(before.Keys.Concat(after.Keys));
    }

    /// <summary>A command that changes nothing is asked again until it shows what the page does.</summary>
    private static async Task ReplayAsync(ShownSession session, string command, string output, IReadOnlyDictionary<string, string> environment)
    {
        var isOnce = command.Contains("--reason", StringComparison.Ordinal) || command.Contains(" token ", StringComparison.Ordinal)
            || command.Contains(" enroll ", StringComparison.Ordinal) || command.Contains(" revoke ", StringComparison.Ordinal);
        var (code, printed, complaint) = (0, "", "");
        try
        {
            await Eventually.TrueAsync(command, Patience, async () =>
            {
                (code, printed, complaint) = await ServiceProcess.TryRunAsync(environment, "bash", "-c", session.Real(command));
                return isOnce || (code == 0 && session.Shows(output, printed) && IsSlowSeen(command, printed));
            });
            Assert.True(code == 0 && session.Shows(output, printed), complaint);
        }
        catch (Exception e) when (e is TimeoutException or Xunit.Sdk.TrueException)
        {
            Assert.Fail($"{Page}: $ {session.Real(command)}\n{printed}{complaint}exit code {code}; the page shows\n{output}");
        }
        finally
        {
            session.Write(command, printed);
        }
    }

    /// <summary>The numbers of a list of controllers are not compared with the page's, but must say which one is slow.</summary>
    private static bool IsSlowSeen(string command, string printed) => command != "pbm dc list"
        || printed.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(cells => cells.Length > 4).ToLookup(cells => cells[1], cells => cells[4]) is var times
            && times[Slow].All(each => double.Parse(each, CultureInfo.InvariantCulture) > Delay * 500)
            && times["dc1.corp.example"].All(each => double.Parse(each, CultureInfo.InvariantCulture) < Delay * 500);

    private static async Task BeginsAsync(Dictionary<string, Func<Task>> events, string command)
    {
        if (events.Keys.FirstOrDefault(each => command.StartsWith(each, StringComparison.Ordinal)) is { } meant && events.Remove(meant, out var begins))
        {
            await begins();
        }
    }

    /// <summary>Somebody guesses until she is locked.</summary>
    private static async Task LockAsync(Installation installation)
    {
        Assert.Equal("Success", (await installation.ValidateAsync(Alice.Name, Alice.Password)).Verdict);
        Validation last;
        do
        {
            last = await installation.ValidateAsync(Alice.Name, $"{Guid.NewGuid():n}");
        }
        while (last.Verdict == "BadPassword");

        Assert.Equal("SmartLocked", last.Verdict);
    }

    /// <summary>For whom a command runs that is begun with it, the slow controller's name is the relay's address.</summary>
    private async Task<string[]> BehindTheRelayAsync()
    {
        await File.WriteAllTextAsync(PathOf("hosts"), await File.ReadAllTextAsync("/etc/hosts") + $"\n{SlowAddress} {Slow}\n");
        return ["unshare", "--mount", "sh", "-c", $"mount --bind {PathOf("hosts")} /etc/hosts && exec \"$@\"", "sh"];
    }

    /// <summary>The programs by their names, as they are on the machines of an installation.</summary>
    private Dictionary<string, string> Environment(Installation installation, AgentNode third)
    {
        Script("pbm", ["dotnet", Installation.Dll("OperatorConsole", "pbm")]);
        Script("passthrough-agent", AgentNode.Command());
        Script("passthrough-gateway", Installation.GatewayCommand);
        return new(third.Environment().Concat(installation.GatewayEnvironment))
        {
            ["PATH"] = $"{_home.FullName}:{System.Environment.GetEnvironmentVariable("PATH")}",
            ["PBM_SOCKET"] = installation.Agent().OperatorSocket,
        };
    }

    private void Script(string name, string[] command)
    {
        File.WriteAllText(PathOf(name), $"#!/bin/sh\nexec {string.Join(' ', command)} \"$@\"\n");
        File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string PathOf(string name) => Path.Combine(_home.FullName, name);
}
