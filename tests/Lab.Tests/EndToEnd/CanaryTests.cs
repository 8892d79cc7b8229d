using System.Text;
using System.Text.Json.Nodes;
using Passthrough.Lab.Tests.Directories;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.EndToEnd;

/// <summary>A password that would be recognised anywhere is signed in many times, then looked for everywhere but in the
/// processes that may hold it.</summary>
[Trait("needs", "lab"), Collection("lab")]
public sealed class CanaryTests
{
    private const int SignIns = 100;

    [Fact]
    public async Task A_password_is_found_nowhere_after_it_was_signed_in_a_hundred_times()
    {
        await using var installation = await Installation.StartAsync();
        var captures = new List<ServiceProcess>();
        try
        {
            foreach (var place in new[] { "cloud", "agent", "switch", "dc1", "dc2" })
            {
                captures.Add(await CaptureAsync(installation, place));
            }

            var alice = LabPeople.Of("corp.example", "alice");
            var wrong = "Canary-Wr0ng-" + Guid.NewGuid().ToString("n");
            for (var i = 0; i < SignIns; i++)
            {
                Assert.Equal("Success", (await installation.ValidateAsync(alice.Name, alice.Password)).Verdict);
            }

            Assert.Equal("BadPassword", (await installation.ValidateAsync(alice.Name, wrong)).Verdict);
            await AskEverythingAsync(installation, alice.Name);
            foreach (var capture in captures)
            {
                await capture.TerminateAsync();
            }

            // The endpoint's own request and the bind to the controller go over TLS too: so nothing at all may show it.
            var files = Directory.GetFiles(installation.Home, "*", SearchOption.AllDirectories)
                .Where(file => new FileInfo(file).Length > 0 && Path.GetExtension(file) != ".password").ToList();
            Assert.Contains(files, file => file.EndsWith("gateway.db", StringComparison.Ordinal));
            Assert.Contains(files, file => file.EndsWith("agent-1.log", StringComparison.Ordinal));
            Assert.All(captures, capture => Assert.True(new FileInfo(CaptureFile(capture)).Length > 24, capture.Log()));
            Assert.Empty(files.SelectMany(file => Find(file, alice.Password).Concat(Find(file, wrong)).Concat(Find(file, LabPeople.Of("corp.example", "svc-ldap").Password))));
        }
        finally
        {
            foreach (var capture in captures)
            {
                await capture.DisposeAsync();
            }
        }
    }

    [Fact]
    public void The_search_finds_what_is_there()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "padding " + Convert.ToBase64String("Canary-1"u8) + " padding");
            Assert.NotEmpty(Find(file, "Canary-1"));
            File.WriteAllBytes(file, Encoding.Unicode.GetBytes("xCanary-1x"));
            Assert.NotEmpty(Find(file, "Canary-1"));
            File.WriteAllText(file, "Canary-2");
            Assert.Empty(Find(file, "Canary-1"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Keeps what the console says to each command that an operator with the role read has, as its definitions name it.</summary>
    private static async Task AskEverythingAsync(Installation installation, string person)
    {
        var agent = installation.Agent();
        var given = new Dictionary<string, string>
        {
            ["account"] = person,
            ["name"] = person,
            ["node"] = "agent-1",
            ["agent"] = "agent-1",
            ["forest"] = "corp.example",
        };
        var (_, help) = await agent.PbmAsync("help", "--json");
        var commands = help.Split('\n').Select(line => JsonNode.Parse(line)!).Where(command => !(bool)command["operates"]!).ToList();
        Assert.True(commands.Count > 20, help);
        foreach (var command in commands)
        {
            var arguments = command["arguments"]!.AsArray();
            string[] words =
            [
                .. $"{command["palette"]} {command["name"]}".Trim().Split(' '),
                .. arguments.Where(each => (bool)each!["required"]!).Select(each => given[(string)each!["name"]!]),
                .. arguments.Any(each => (string)each!["name"]! == "once") ? ["--once"] : Array.Empty<string>(), "--json",
            ];
            var (code, said) = await agent.PbmAsync(words);
            Assert.True(code == 0 || words is ["agents", "revoke", ..], $"{string.Join(' ', words)}: {code} {said}");
            await File.WriteAllTextAsync(installation.PathOf($"pbm-{words[0]}-{words[1].Replace('@', '-')}.json"), said);
        }
    }

    private static string CaptureFile(ServiceProcess capture) => Path.ChangeExtension(capture.LogFile, ".pcap");

    /// <summary>All that crosses any device of a namespace, its loopback included.</summary>
    private static async Task<ServiceProcess> CaptureAsync(Installation installation, string place)
    {
        var log = installation.PathOf($"capture-{place}.log");
        var prefix = LabPeople.Variable("LAB_AGENT_NAMESPACE").Replace("agent", "", StringComparison.Ordinal);
        var capture = ServiceProcess.Start(
            log, new Dictionary<string, string>(),
            "ip", "netns", "exec", prefix + place,
            "tcpdump", "-n", "-i", "any", "-s", "0", "-U", "-Z", "root", "-w", Path.ChangeExtension(log, ".pcap"));
        await Eventually.TrueAsync($"tcpdump listens in {place} ({log})", TimeSpan.FromSeconds(20), () =>
            capture.HasExited
                ? throw new InvalidOperationException($"tcpdump ended in {place}: {capture.Log()}")
                : Task.FromResult(capture.Log().Contains("listening on", StringComparison.Ordinal)));
        return capture;
    }

    /// <summary>As typed, in UTF-16, in Base64 at each of its three alignments, and percent-encoded.</summary>
    private static IEnumerable<string> Find(string file, string secret)
    {
        var bytes = File.ReadAllBytes(file);
        var utf8 = Encoding.UTF8.GetBytes(secret);
        var forms = new List<byte[]> { utf8, Encoding.Unicode.GetBytes(secret), Encoding.UTF8.GetBytes(Uri.EscapeDataString(secret)) };
        for (var shift = 0; shift < 3; shift++)
        {
            // Without the characters that depend on what stands before and after.
            var text = Convert.ToBase64String([.. new byte[shift], .. utf8]);
            forms.Add(Encoding.ASCII.GetBytes(text.TrimEnd('=')[(shift == 0 ? 0 : 4)..^1]));
        }

        return forms.Where(form => bytes.AsSpan().IndexOf(form) >= 0).Select(form => $"{file} has {Encoding.UTF8.GetString(form)}");
    }
}
