namespace Passthrough.OperatorConsole.Tests;

/// <summary>How a line is typed, divided and completed, and what the command line says before it.</summary>
public sealed class LineTests
{
    [Theory]
    [InlineData("cluster show", "cluster|show"), InlineData("  a   b ", "a|b"), InlineData("", "")]
    [InlineData("--reason \"ticket 4711\" x", "--reason|ticket 4711|x"), InlineData("--reason 'it''s'", "--reason|its")]
    [InlineData("route CORP\\anna", "route|CORP\\anna"), InlineData("--reason \"\"", "--reason|"), InlineData("a\"b c", "ab c")]
    public void Words_are_divided_by_blanks_outside_of_quotes(string line, string words) =>
        Assert.Equal(words, string.Join('|', Words.Of(line)));

    [Theory]
    [InlineData("", "cl", "cluster"), InlineData("", "", "account|cluster|dc|exit|help|route"), InlineData("cluster", "", "show|tail")]
    [InlineData("dc eject", "dc", "dc1.corp.example|dc2.corp.example"), InlineData("dc eject", "-", "--for|--json")]
    [InlineData("dc eject --for", "1", "10m|1h"), InlineData("dc eject dc1.corp.example", "d", "dc2.corp.example"), InlineData("nothing", "", "")]
    [InlineData("help", "ro", "route"), InlineData("help cluster", "s", "show"), InlineData("account unlock --reason", "", "")]
    public void Completion_is_what_the_node_offers(string before, string begun, string candidates) =>
        Assert.Equal(candidates, string.Join('|', Completion.Of(StubNode.Offer, Words.Of(before), begun)));

    [Fact]
    public void A_line_is_edited_by_the_usual_keys()
    {
        var history = new List<string> { "first", "second" };
        var line = new LineEditor(history);
        Type(line, "cluter show");
        Press(line, ConsoleKey.Home);
        for (var i = 0; i < 3; i++)
        {
            Press(line, ConsoleKey.RightArrow);
        }

        line.Insert("s");
        Assert.Equal(("cluster show", 4), (line.Text, line.Cursor));
        Press(line, ConsoleKey.Backspace);
        Press(line, ConsoleKey.LeftArrow);
        Assert.Equal(("cluter show", 2), (line.Text, line.Cursor));
        Press(line, ConsoleKey.E, control: true);
        Press(line, ConsoleKey.W, control: true);
        Assert.Equal("cluter ", line.Text);
        Press(line, ConsoleKey.UpArrow);
        Press(line, ConsoleKey.UpArrow);
        Press(line, ConsoleKey.UpArrow);
        Assert.Equal("first", line.Text);
        Press(line, ConsoleKey.DownArrow);
        Press(line, ConsoleKey.DownArrow);
        Assert.Equal("cluter ", line.Text);
        line.Complete("", "tail");
        Assert.Equal("cluter tail", line.Text);
        Press(line, ConsoleKey.A, control: true);
        Press(line, ConsoleKey.Delete);
        Press(line, ConsoleKey.End);
        Press(line, ConsoleKey.U, control: true);
        Assert.Equal(("", 0), (line.Text, line.Cursor));
    }

    [Theory]
    [InlineData("cluster show", "127.0.0.1:9110", "cluster show"), InlineData("10.0.0.1:9110 cluster show", "10.0.0.1:9110", "cluster show")]
    [InlineData("[::1]:9110", "[::1]:9110", ""), InlineData("/tmp/x.sock dc list", "/tmp/x.sock", "dc list"), InlineData("agent-1.example:1 x", "agent-1.example:1", "x")]
    [InlineData("route a:b", "127.0.0.1:9110", "route a:b"), InlineData("a:99999 x", "127.0.0.1:9110", "a:99999 x"), InlineData("--json --ca f x:1 y", "x:1", "y")]
    public void The_address_stands_first(string args, string target, string words)
    {
        var settings = ConsoleSettings.Read(args.Split(' '), _ => null, _ => false);
        Assert.Equal((target, words), (settings.Target, string.Join(' ', settings.Words)));
    }

    [Fact]
    public void Without_an_address_the_local_socket_comes_first()
    {
        Assert.Equal(ConsoleSettings.DefaultSocket, ConsoleSettings.Read([], _ => null, _ => true).Target);
        Assert.Equal("/my.sock", ConsoleSettings.Read([], name => name == ConsoleSettings.SocketVariable ? "/my.sock" : null, _ => true).Target);
        Assert.Equal(ConsoleSettings.DefaultPort, ConsoleSettings.Read([], _ => null, _ => false).Target);
        Assert.Equal("--ca needs a file", ConsoleSettings.Read(["--ca"], _ => null, _ => false).Fault);
    }

    private static void Type(LineEditor line, string text)
    {
        foreach (var c in text)
        {
            line.Press(new ConsoleKeyInfo(c, ConsoleKey.None, shift: false, alt: false, control: false));
        }
    }

    private static void Press(LineEditor line, ConsoleKey key, bool control = false) =>
        line.Press(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control));
}
