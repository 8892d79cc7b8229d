using System.Text.Json;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>The console as people use it: typed at a terminal, and from elsewhere with certificates that the script made.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class ConsoleTests : IDisposable
{
    private const string Prompt = "pbm> ", Up = "\u001b[A", CtrlC = "\u0003", CtrlD = "\u0004";

    private static readonly Dictionary<string, string> Nothing = [];

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("passthrough-console-");

    private static string Target => $"127.0.0.1:{PortRange.Mine + 4}";

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task At_a_terminal_tab_completes_the_arrow_recalls_ctrl_c_ends_a_tail_and_ctrl_d_the_prompt()
    {
        await using var installation = await Installation.StartAsync();
        var (code, shown) = await TypeAsync(
            installation.Agent().OperatorSocket,
            ("expect", "Tab completes, help helps, exit ends."), ("expect", Prompt),
            ("send", "clu\t sh\t"), ("expect", "cluster show "), ("send", "\r"), ("expect", "| up | reachable |"), ("expect", Prompt),
            ("send", Up), ("expect", "cluster show"), ("send", "\r"), ("expect", "| up | reachable |"), ("expect", Prompt),
            ("send", "log t\t"), ("expect", "log tail "), ("send", "\r"), ("expect", "Information"), ("send", CtrlC), ("expect", Prompt),
            ("send", "cluster shwo\r"), ("expect", "pbm: cluster has down, leave, show"), ("expect", Prompt),
            ("send", "version"), ("send", CtrlC), ("expect", Prompt),
            ("send", CtrlD));
        Assert.True(code == 2, $"{code}: {shown}");
    }

    [Fact]
    public async Task From_elsewhere_a_certificate_says_what_its_owner_may_and_strangers_are_refused_both_ways()
    {
        foreach (var (folder, name, role) in new[] { ("operators", "carol", "operate"), ("operators", "dave", "read"), ("foreign", "eve", "operate") })
        {
            await ServiceProcess.RunAsync(Nothing, Path.Combine(Installation.RepositoryRoot, "ops/operator-certificate"), PathOf(folder), name, role);
        }

        await using var installation = await Installation.StartAsync(agentOptions: new Dictionary<string, string>
        {
            ["Operator__TrustedCaFile"] = PathOf("operators/operators-ca.pem"),
            ["Operator__Port"] = $"{PortRange.Mine + 4}",
        });
        var authority = installation.PathOf("gateway/ca.crt");
        var (code, output, error) = await PbmAsync("operators/carol.pem", authority, "cluster", "show");
        Assert.True(code == 0 && output.Contains("| up | reachable |", StringComparison.Ordinal), error);
        string[] operates = ["log", "set", "Warning", "-c", "Akka", "--for", "1s", "--reason", "quiet"];
        Assert.Equal(0, (await PbmAsync("operators/carol.pem", authority, operates)).Code);
        Assert.Contains("Operator carol asks for log set Akka 1s Warning: quiet", installation.Agent().Process.Log(), StringComparison.Ordinal);

        Assert.Equal(0, (await PbmAsync("operators/dave.pem", authority, "cluster", "show")).Code);
        Assert.Equal((4, "", "pbm: log set needs the role operate; dave may read only\n"), await PbmAsync("operators/dave.pem", authority, operates));

        // The agent refuses whom it does not know, and the console an agent that it does not know: one line each.
        (code, output, error) = await PbmAsync("foreign/eve.pem", authority, "cluster", "show");
        Assert.Equal((3, ""), (code, output));
        Assert.Matches($@"^pbm: the agent at {Target} ended the connection: is the certificate in --certificate an operator's, [^\n]*\n$", error);
        (code, output, error) = await PbmAsync("operators/carol.pem", PathOf("foreign/operators-ca.pem"), "cluster", "show");
        Assert.Equal((3, ""), (code, output));
        Assert.Matches($@"^pbm: what answers at {Target} is not an agent of the gateway's CA in --ca: [^\n]*\n$", error);
    }

    private Task<(int Code, string Output, string Error)> PbmAsync(string certificate, string authority, params string[] words) => ServiceProcess.TryRunAsync(
        new Dictionary<string, string> { ["PBM_CERTIFICATE"] = PathOf(certificate), ["PBM_CA"] = authority },
        ["dotnet", Installation.Dll("OperatorConsole", "pbm"), Target, .. words]);

    private static async Task<(int Code, string Shown)> TypeAsync(string target, params (string Verb, string Text)[] steps)
    {
        var (code, output, error) = await ServiceProcess.TryRunAsync(
            new Dictionary<string, string> { ["TERM"] = "xterm" }, "python3",
            Path.Combine(Installation.RepositoryRoot, "tests/Cluster.Tests/terminal.py"), JsonSerializer.Serialize(steps.Select(step => new[] { step.Verb, step.Text })),
            "dotnet", Installation.Dll("OperatorConsole", "pbm"), target);
        return (code, output + error);
    }

    private string PathOf(string name) => Path.Combine(_home.FullName, name);
}
