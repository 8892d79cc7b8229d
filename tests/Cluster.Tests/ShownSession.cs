using System.Text;
using System.Text.RegularExpressions;

namespace Passthrough.Cluster.Tests;

/// <summary>The commands that a page shows, with what each printed: blocks of <c>console</c>, commands after <c>$ </c>.</summary>
internal sealed partial class ShownSession(string page)
{
    /// <summary>What the page writes, and what stands for it in this run.</summary>
    private readonly List<(string Shown, string Real)> _stands = [];

    /// <summary>The page as this run would write it.</summary>
    private readonly StringBuilder _written = new();

    /// <summary>In the order of the page.</summary>
    public IEnumerable<(string Command, string Output)> Steps { get; } =
    [
        .. from Match block in Block().Matches(page)
           from step in ("\n" + block.Groups[1].Value).Split("\n$ ").Skip(1)
           let lines = step.Split('\n', 2)
           select (lines[0], lines.Length > 1 ? lines[1] : ""),
    ];

    public void Stands(string shown, string real) => _stands.Add((shown, real));

    /// <summary>The command as it is for this run.</summary>
    public string Real(string command) => _stands.Aggregate(command, (text, each) => text.Replace(each.Shown, each.Real, StringComparison.Ordinal));

    /// <summary>Whether the page shows what was printed, but for what differs from run to run. Ids, addresses and tokens that it shows
    /// stand for the printed ones from then on.</summary>
    public bool Shows(string output, string printed)
    {
        if (Masked(output) != Masked(printed))
        {
            return false;
        }

        foreach (var (shown, real) in Named().Matches(output).Zip(Named().Matches(printed)))
        {
            if (_stands.All(each => each.Shown != shown.Value))
            {
                Stands(shown.Value, real.Value);
            }
        }

        return true;
    }

    public void Write(string command, string printed) => _written.Append("$ ").Append(command).Append('\n').Append(printed);

    public string Written => _written.ToString();

    /// <summary>Without what differs from run to run: times, ids, addresses, tokens, versions, numbers that are alone in a cell (with
    /// their unit or without), which agent and which controller somebody was sent to, and how wide a column is.</summary>
    private static string Masked(string text)
    {
        text = Version().Replace(Named().Replace(Time().Replace(text, "TIME"), "NAME"), "VERSION");
        text = Number().Replace(Width().Replace(text, "$1"), "| N");
        return Attempt().Replace(text, match => Served().Replace(match.Value, "SERVED")).Trim();
    }

    [GeneratedRegex("```console\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?Z)?|\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Time();

    [GeneratedRegex(@"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b|\b(?=[a-f]*\d)[0-9a-f]{12}\b|127\.0\.0\.1:\d+|ptj1\.\S+")]
    private static partial Regex Named();

    [GeneratedRegex("([ -])[ -]+")]
    private static partial Regex Width();

    [GeneratedRegex(@"\| \d+(\.\d+)?(?= \||$| ms \|)", RegexOptions.Multiline)]
    private static partial Regex Number();

    [GeneratedRegex(@"\b\d+\.\d+\.\d+(\+[0-9a-f]+)?(?=\s|$)")]
    private static partial Regex Version();

    [GeneratedRegex(@"^agent-\d \| TIME .*$", RegexOptions.Multiline)]
    private static partial Regex Attempt();

    [GeneratedRegex(@"^agent-\d|\bdc\d\.corp\.example")]
    private static partial Regex Served();
}
