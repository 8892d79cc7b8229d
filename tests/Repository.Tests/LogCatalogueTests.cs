
namespace Passthrough.Repository.Tests;

/// <summary>docs/LOG_EVENTS.md lists every event of the logs. It is written by this test when the environment says so:
/// <c>PASSTHROUGH_WRITE_DOCS=1 dotnet test tests/Repository.Tests --filter LogCatalogue</c>.</summary>
public class LogCatalogueTests
{
    private const string Page = "docs/LOG_EVENTS.md";
    private const string AdviceFile = "tests/Repository.Tests/log-advice.tsv";
    private const string Variable = "PASSTHROUGH_WRITE_DOCS";

    private static readonly (string Project, string Title)[] Programs =
        [("Directories", "Agent: directories"), ("Agent", "Agent"), ("Gateway", "Gateway"), ("Audit", "Both: audit and sign-in log")];

    private static readonly string[] WorthALook = ["Warning", "Error", "Critical"];

    /// <summary>What to do, by event id.</summary>
    private static Dictionary<int, string> Advice => Tree.Read(AdviceFile).Split('\n')
        .Where(line => line.Length > 0 && !line.StartsWith('#'))
        .Select(line => line.Split('\t'))
        .ToDictionary(parts => int.Parse(parts[0], null), parts => parts[1]);

    [Fact]
    public void The_page_is_what_the_code_says()
    {
        var written = Write();
        if (Environment.GetEnvironmentVariable(Variable) is "1")
        {
            File.WriteAllText(Tree.Absolute(Page), written);
        }

        Assert.True(
            Tree.Files.Contains(Page) && Tree.Read(Page) == written,
            $"{Page} is not current: {Variable}=1 dotnet test tests/Repository.Tests --filter LogCatalogue");
    }

    [Fact]
    public void Advice_is_for_events_that_need_some() => House.Holds(
        from advice in Advice
        let line = LogTests.Lines.FirstOrDefault(line => line.EventId == advice.Key)
        where line is null || !WorthALook.Contains(line.Level)
        select $"{AdviceFile}: {advice.Key} is no event of level warning or above");

    private static string Write()
    {
        var advice = Advice;
        var lines = new List<string>
        {
            "# Events of the logs",
            "",
            "Every event that agents and gateways write, by its id, which never changes its meaning. Written from the code by",
            $"`{Variable}=1 dotnet test tests/Repository.Tests --filter LogCatalogue`; a test keeps it current. Default level is information: a",
            "successful attempt on a clean account writes no line. What an event of level warning or above asks for stands beside it; where nothing",
            "does, its text says it all.",
            "",
            "- **error**: people cannot sign in, or what was to be kept is lost, until somebody acts. Worth waking somebody for.",
            "- **warning**: something does not work that has another way, or was refused, or is about to end; its end, and what operators do, so",
            "  that a log that keeps only warnings tells the whole story. Worth a look in the morning.",
            "- **information**: what the program does by itself: starts, connects, counts a failure, moves a shard. Nothing to do.",
            "- **debug**: each attempt, for whoever follows one.",
        };
        foreach (var (project, title) in Programs)
        {
            lines.AddRange(["", $"## {title}", "", "| Id | Level | Text | Where | What to do |", "| --- | --- | --- | --- | --- |"]);
            lines.AddRange(
                from line in LogTests.Lines
                where line.Source.Project == project && line.EventId is not null
                orderby line.EventId
                select $"| {line.EventId} | {line.Level.ToLowerInvariant()} | {line.Message.Replace("|", "\\|", StringComparison.Ordinal)} "
                    + $"| `{Path.GetDirectoryName(line.Source.Path)}` | {advice.GetValueOrDefault(line.EventId!.Value, "")} |");
        }

        return string.Join('\n', lines) + "\n";
    }
}
