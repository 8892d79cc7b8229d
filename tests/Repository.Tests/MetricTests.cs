using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Repository.Tests;

/// <summary>What rules, dashboards and docs/METRICS.md say of metrics is what the code measures; each alert has a runbook.</summary>
public partial class MetricTests
{
    private const string Page = "docs/METRICS.md", Rules = "ops/dashboards/rules.yml", TryAgainLater = "ops/runbooks/try-again-later.md";

    private static readonly string[] Makers = ["CreateCounter", "CreateUpDownCounter", "CreateHistogram", "Gauge", "Gauges"];

    private static IEnumerable<Metric> Metrics =>
        from source in Sources.All
        from call in source.Root.DescendantNodes().OfType<InvocationExpressionSyntax>()
        let maker = call.Expression switch
        {
            MemberAccessExpressionSyntax member => member.Name.Identifier.Text,
            IdentifierNameSyntax name => name.Identifier.Text,
            GenericNameSyntax name => name.Identifier.Text,
            _ => "",
        }
        where Makers.Contains(maker.Split('<')[0])
        let arguments = call.ArgumentList.Arguments.Select(each => (each.Expression as LiteralExpressionSyntax)?.Token.Value as string).ToList()
        where arguments is [{ } first, ..] && first.StartsWith("passthrough.", StringComparison.Ordinal)
        select new Metric(source.At(call), maker, arguments[0]!, arguments.ElementAtOrDefault(1) ?? "", arguments.ElementAtOrDefault(2) ?? "");

    [Fact]
    public void Every_metric_has_a_unit_and_says_what_it_is() => House.Holds(
        from metric in Metrics
        where metric.Unit.Length == 0 || metric.Description.Length == 0
        select $"{metric.Place}: {metric.Name} has no unit or no description");

    [Fact]
    public void Every_metric_is_on_the_page_and_no_other() =>
        Assert.Equal(
            Metrics.Select(metric => $"{metric.Name} {metric.PrometheusName}").Order(StringComparer.Ordinal),
            PageRow().Matches(Tree.Read(Page)).Select(row => $"{row.Groups["name"].Value} {row.Groups["prometheus"].Value}").Order(StringComparer.Ordinal));

    [Fact]
    public void Rules_and_dashboards_ask_for_what_is_measured()
    {
        var known = Metrics.SelectMany(metric => metric.Series).ToHashSet(StringComparer.Ordinal);
        House.Holds(
            from path in Tree.Files
            where path.StartsWith("ops/dashboards/", StringComparison.Ordinal)
            from Match series in Series().Matches(Tree.Read(path))
            where !known.Contains(series.Value)
            select $"{path}: {series.Value} is not measured");
    }

    [Fact]
    public void Each_alert_names_a_runbook_and_each_runbook_is_named()
    {
        var named = RunbookLine().Matches(Tree.Read(Rules)).Select(line => line.Groups["path"].Value).ToList();
        Assert.Equal(AlertLine().Count(Tree.Read(Rules)), named.Count);
        House.Holds([
            .. named.Where(path => !Tree.Files.Contains(path)).Select(path => $"{Rules}: {path} does not exist"),
            .. Tree.Under("ops/runbooks", ".md").Except(named).Select(path => $"{path} is no alert's"),
            .. from path in named.Where(Tree.Files.Contains)
               from part in (string[])["Show", "Mend"]
               where !Section(Tree.Read(path), part).Contains("```sh\n", StringComparison.Ordinal)
               select $"{path} has no ## {part} with a command",
            .. from match in AlertLine().Matches(Tree.Read(Rules)).Zip(named, (alert, path) => (Name: alert.Groups["name"].Value, Path: path))
               where Tree.Files.Contains(match.Path) && !Tree.Read(match.Path).Contains(match.Name, StringComparison.Ordinal)
               select $"{match.Path} does not name {match.Name}"]);
    }

    [Fact]
    public void Each_alert_is_played() => House.Holds(
        from alert in AlertLine().Matches(Tree.Read(Rules)).Select(line => line.Groups["name"].Value)
        where !Regex.IsMatch(Tree.Read("ops/dashboards/rules-test.yml"), $@"alertname: {alert}\s+exp_alerts:\s+- ")
        select $"{alert} never fires in ops/dashboards/rules-test.yml");

    /// <summary>The alert, the runbook and the aliases of the page know each verdict that tells people to try again later, and no other.</summary>
    [Fact]
    public void Who_is_told_to_try_again_later_is_what_the_table_says()
    {
        var table = VerdictTable.Rows.Where(row => row.Public == PublicMeaning.TryAgainLater).Select(row => $"{row.Verdict}").ToHashSet();
        foreach (var text in (string[])[Tree.Read(Rules), Tree.Read(Page)])
        {
            var names = Assert.Single(AnyOf().Matches(text)).Groups["names"].Value.Replace("\\", "", StringComparison.Ordinal);
            Assert.Equal(table.Order(), names.Split('|').Order());
        }

        var rows = Tree.Read(TryAgainLater).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split(" | ")[0]);
        Assert.Equal(table.Order(), rows.SelectMany(row => row.Trim('|', ' ').Split(", ")).Select(name => name.Trim('`')).Order());
    }

    /// <summary>What the page gives for Windows' counters is whole questions about what is measured; Debian's tool reads them as rules.</summary>
    [Fact]
    public void The_Windows_counters_are_questions_that_can_be_asked()
    {
        var questions = WindowsRow().Matches(Tree.Read(Page))
            .Select(row => row.Groups["question"].Value.Replace(@"\|", "|", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, questions.Count);
        var known = Metrics.SelectMany(metric => metric.Series).ToHashSet(StringComparer.Ordinal);
        House.Holds(
            from question in questions
            from Match series in Series().Matches(question)
            where !known.Contains(series.Value)
            select $"{Page}: {series.Value} is not measured");
        var file = Path.GetTempFileName();
        try
        {
            var rules = questions.Select((each, i) => $"      - record: q{i}\n        expr: '{each}'\n");
            File.WriteAllText(file, "groups:\n  - name: windows\n    rules:\n" + string.Concat(rules));
            var (code, output, errors) = Tree.TryRun("promtool", "check", "rules", file);
            Assert.True(code == 0, output + errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Debian's own tool reads the rules, and plays the series of their tests.</summary>
    [Theory]
    [InlineData("check", "config", "ops/dashboards/prometheus.yml")]
    [InlineData("check", "rules", Rules)]
    [InlineData("test", "rules", "ops/dashboards/rules-test.yml")]
    public void Promtool_finds_no_fault(params string[] arguments)
    {
        var (code, output, errors) = Tree.TryRun("promtool", arguments);
        Assert.True(code == 0, output + errors);
    }

    [Fact]
    public void A_dashboard_is_one() => House.Holds(
        from path in Tree.Under("ops/dashboards", ".json")
        let dashboard = JsonDocument.Parse(Tree.Read(path)).RootElement
        from panel in dashboard.GetProperty("panels").EnumerateArray()
        where panel.GetProperty("title").GetString() is not { Length: > 0 } || panel.GetProperty("targets").GetArrayLength() == 0
        select $"{path}: a panel without a title or a question");

    [GeneratedRegex(@"^\| `(?<name>passthrough\.[a-z_.]+)` \| `(?<prometheus>[a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex PageRow();

    /// <summary>Up to the next title of its rank.</summary>
    private static string Section(string page, string title) =>
        page.Split($"\n## {title}\n").ElementAtOrDefault(1)?.Split("\n## ")[0] ?? "";

    [GeneratedRegex(@"verdict=~""(?<names>[A-Za-z|\\]+)""")]
    private static partial Regex AnyOf();

    [GeneratedRegex(@"^\| `# PTA [a-z ]+` \| `(?<question>.+)` \|$", RegexOptions.Multiline)]
    private static partial Regex WindowsRow();

    [GeneratedRegex(@"\bpassthrough_[a-z_]+\b")]
    private static partial Regex Series();

    [GeneratedRegex(@"^\s+runbook: (?<path>\S+)$", RegexOptions.Multiline)]
    private static partial Regex RunbookLine();

    [GeneratedRegex(@"^\s+- alert: (?<name>\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertLine();

    private sealed record Metric(string Place, string Maker, string Name, string Unit, string Description)
    {
        /// <summary>As the exporter writes it: units in braces are notes, a counter is a total.</summary>
        public string PrometheusName =>
            Name.Replace('.', '_') + (Unit == "s" ? "_seconds" : "") + (Maker.StartsWith("CreateCounter", StringComparison.Ordinal) ? "_total" : "");

        public IEnumerable<string> Series => Maker.StartsWith("CreateHistogram", StringComparison.Ordinal)
            ? [$"{PrometheusName}_bucket", $"{PrometheusName}_sum", $"{PrometheusName}_count"]
            : [PrometheusName];
    }
}
