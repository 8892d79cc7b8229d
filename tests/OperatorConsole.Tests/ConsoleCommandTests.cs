using System.Text.Json.Nodes;

namespace Passthrough.OperatorConsole.Tests;

/// <summary>The console against a real socket.</summary>
public sealed class ConsoleCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pbm-");

    private string SocketPath => Path.Combine(_folder.FullName, "operator.sock");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Lines_are_the_values_that_there_are()
    {
        var (code, output, error) = await WithNodeAsync("cluster", "show");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("akka.tcp://passthrough@10.0.0.1:4053 | up | leader\nakka.tcp://passthrough@10.0.0.2:4053 | up\n", output);
    }

    [Fact]
    public async Task A_table_fits_a_hundred_columns_and_loses_nothing()
    {
        var (code, output, _) = await WithNodeAsync("dc", "list");
        Assert.Equal(0, code);
        var lines = output.TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 100));
        Assert.StartsWith("node", lines[0], StringComparison.Ordinal);
        Assert.Contains("dc2.corp.example", output, StringComparison.Ordinal);
        var cells = lines[2..].Select(line => line.Split(" | ")).Select(cells => cells.Select(cell => cell.Trim()).ToArray()).ToList();
        Assert.Equal("agent-1agent-2-with-a-rather-long-name.site.corp.example", string.Concat(cells.Select(cell => cell[0])));
        Assert.Equal(
            "a note of many words that has to go on below, since a line has a hundred columns",
            string.Join(' ', cells.Where(cell => cell.Length > 3 && cell[3].Length > 0).Select(cell => cell[3])));
    }

    [Fact]
    public async Task A_record_is_a_paragraph_of_labels()
    {
        var (_, output, _) = await WithNodeAsync("route", "x");
        Assert.Equal(
            """
            name           x
            route          corp.example, any domain, because eu.contoso.com is under contoso.com, a UPN suffix
                           (uPNSuffixes in corp.example)

            """,
            output);
    }

    [Fact]
    public async Task For_programs_it_is_one_object_a_line_wherever_json_is_asked_for()
    {
        foreach (var words in (string[][])[["dc", "list", "--json"], ["--json", "dc", "list"]])
        {
            var (_, output, _) = await WithNodeAsync(words);
            var rows = output.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
            Assert.Equal([(3.5, true), (1200.0, false)], rows.Select(row => ((double)row["milliseconds"]!, (bool)row["PDC"]!)));
            Assert.Equal("dc1.corp.example", (string)rows[0]["domainController"]!);
        }
    }

    [Fact]
    public async Task Nothing_that_steers_a_terminal_reaches_it()
    {
        foreach (var words in (string[][])[["evil"], ["evil", "--json"], ["\u001b[2J"]])
        {
            var (_, output, error) = await WithNodeAsync(words);
            Assert.DoesNotContain(output + error, c => (char.IsControl(c) && c != '\n') || c == '\u202E');
        }
    }

    [Theory]
    [InlineData("refused", ExitCode.Failed, "pbm: it cannot be done"), InlineData("forbidden", ExitCode.NotAllowed, "pbm: needs the role operate")]
    [InlineData("clutser", ExitCode.Usage, "pbm: there is no command clutser: try help")]
    public async Task What_the_node_refuses_is_told_in_its_words(string word, int code, string message) =>
        Assert.Equal((code, "", message), await WithNodeAsync(word) is var (c, o, e) ? (c, o, e.TrimEnd()) : default);

    [Fact]
    public async Task Who_sits_there_is_told_and_what_lasts_is_no_part_of_the_answer()
    {
        Assert.Equal((0, "carol\n", ""), await WithNodeAsync("who"));
        Assert.Equal((0, "done\n", "… waiting for agent-2\n"), await WithNodeAsync("slow"));
    }

    [Fact]
    public async Task Help_is_what_the_node_offers()
    {
        var (_, all, _) = await WithNodeAsync("help");
        Assert.Contains("account unlock *", all, StringComparison.Ordinal);
        Assert.Contains("agent-1 knows you as uid 0 (carol), who may read and operate.", all, StringComparison.Ordinal);
        Assert.All(all.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        foreach (var words in (string[][])[["help", "account", "unlock"], ["account", "unlock", "--help"]])
        {
            var (code, one, _) = await WithNodeAsync(words);
            Assert.Equal(0, code);
            Assert.StartsWith("account unlock ACCOUNT --reason REASON\n", one, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.Usage, (await WithNodeAsync("help", "nothing")).Code);
    }

    [Fact]
    public async Task Help_for_programs_is_the_definitions()
    {
        var (code, all, _) = await WithNodeAsync("help", "--json");
        Assert.Equal(0, code);
        var commands = all.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(StubNode.Offer.Commands.Count, commands.Count);
        var (_, one, _) = await WithNodeAsync("help", "account", "unlock", "--json");
        var unlock = JsonNode.Parse(one)!;
        Assert.Equal(("account", "unlock", true, false), ((string)unlock["palette"]!, (string)unlock["name"]!, (bool)unlock["operates"]!, (bool)unlock["tails"]!));
        Assert.Equal(["account", "reason"], unlock["arguments"]!.AsArray().Select(each => (string)each!["name"]!));
        Assert.Equal(ExitCode.Usage, (await WithNodeAsync("help", "nothing", "--json")).Code);
    }

    [Fact]
    public async Task Notes_and_at_a_terminal_faults_are_broken_at_a_hundred_columns()
    {
        await using var node = await StubNode.StartAsync(SocketPath);
        foreach (var isSeen in (bool[])[true, false])
        {
            var (code, output, error) = await RunAsync("", isSeen, SocketPath, "long");
            Assert.Equal(ExitCode.Failed, code);
            Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
            Assert.Equal(StubNode.Long, output.TrimEnd().Replace('\n', ' '));
            Assert.Equal(!isSeen, error.TrimEnd().Split('\n').Length == 1);
            Assert.All(isSeen ? error.Split('\n') : [], line => Assert.InRange(line.Length, 0, 100));
            Assert.Contains("`to be copied " + new string('x', 60) + "`", error, StringComparison.Ordinal);
        }

        var (_, json, _) = await RunAsync("", SocketPath, "long", "--json");
        Assert.Equal(StubNode.Long, (string)JsonNode.Parse(json)!["note"]!);
    }

    [Theory]
    [InlineData("hang", ExitCode.Interrupted), InlineData("cluster tail", ExitCode.Done)]
    public async Task Ctrl_C_ends_one_command_and_its_exit_code_says_whether_it_was_done(string words, int expected)
    {
        await using var node = await StubNode.StartAsync(SocketPath);

        // The program where its own build has it: here its parts are those of the tests. Whoever starts the tests may have SIGINT ignored.
        var program = AppContext.BaseDirectory.Replace("tests/OperatorConsole.Tests", "src/OperatorConsole", StringComparison.Ordinal);
        using var console = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "env", ["--default-signal=INT", "dotnet", Path.Combine(program, "pbm.dll"), SocketPath, .. words.Split(' ')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var heard = words == "hang" ? console.StandardError : console.StandardOutput;
        Assert.Equal(words == "hang" ? "… waiting for agent-2" : "leader", await heard.ReadLineAsync(deadline.Token));
        using var interrupt = System.Diagnostics.Process.Start("kill", ["-INT", $"{console.Id}"]);
        await console.WaitForExitAsync(deadline.Token);
        Assert.Equal(expected, console.ExitCode);
    }

    [Fact]
    public async Task Piped_lines_are_run_one_after_the_other_and_the_last_that_failed_is_the_exit_code()
    {
        await using var node = await StubNode.StartAsync(SocketPath);
        var (code, output, error) = await RunAsync("cluster show\n\n  refused\nwho\nexit\nwho\n", SocketPath);
        Assert.Equal((ExitCode.Failed, "pbm: it cannot be done"), (code, error.TrimEnd()));
        Assert.EndsWith("up\ncarol\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_one_line_that_says_what_to_do()
    {
        var (code, _, error) = await RunAsync("", SocketPath, "cluster", "show");
        Assert.Equal(ExitCode.Unreachable, code);
        Assert.Equal($"pbm: there is no socket {SocketPath}: is the agent running, and is this its OperatorSocket?", error.TrimEnd());
    }

    [Fact]
    public async Task A_socket_that_a_killed_agent_left_behind_is_told_from_a_missing_one()
    {
        using var left = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        left.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(SocketPath));
        var (code, _, error) = await RunAsync("", SocketPath, "cluster", "show");
        Assert.Equal(ExitCode.Unreachable, code);
        Assert.Contains("nobody answers", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_needs_a_certificate_and_its_CA()
    {
        var (code, _, error) = await RunAsync("", "127.0.0.1:9110", "cluster", "show");
        Assert.Equal((ExitCode.Unreachable, $"pbm: --ca is needed for host:port: give it, or set {ConsoleSettings.AuthoritiesVariable}"), (code, error.TrimEnd()));
    }

    [Theory]
    [InlineData("--help"), InlineData("-h"), InlineData("--version")]
    public async Task It_explains_itself_without_an_agent(string word)
    {
        var (code, output, _) = await RunAsync("", word);
        Assert.Equal(0, code);
        Assert.NotEmpty(output);
    }

    private async Task<(int Code, string Output, string Error)> WithNodeAsync(params string[] words)
    {
        await using var node = await StubNode.StartAsync(SocketPath);
        return await RunAsync("", [SocketPath, .. words]);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] args) => RunAsync(input, isSeen: false, args);

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, bool isSeen, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var interrupts = new Interrupts();
        var settings = ConsoleSettings.Read(args, _ => null, _ => false);
        var code = await new ConsoleCommand(settings, "carol", new Screen(output, error, isSeen), interrupts).RunAsync(new PipedLines(new StringReader(input)));
        return (code, output.ToString(), error.ToString());
    }
}
