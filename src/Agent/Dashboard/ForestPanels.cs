using System.Globalization;
using Passthrough.Dashboards;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Dashboard;

/// <summary>A domain controller as all nodes see it.</summary>
/// <param name="Finding">The worst of what they see.</param>
/// <param name="Milliseconds">The longest that one of them waits.</param>
internal sealed record ControllerLook(string Name, string Forest, Finding Finding, double Milliseconds, double UnderWay, string Role, int Nodes);

/// <summary>Forests and their domain controllers.</summary>
internal static class ForestPanels
{
    public static IReadOnlyList<ControllerLook> Controllers(ClusterView view) =>
    [
        .. from row in view.Rows("dc list")
           group row by (Forest: row.Of("forest"), Name: row.Of("domainController")) into same
           orderby same.Key.Forest, same.Key.Name
           select new ControllerLook(
               same.Key.Name, same.Key.Forest,
               DashboardRules.Worst([.. same.Select(row => (row.Node, DashboardRules.Controller(
                   row.Of("health") == "ready", Number(row.Of("milliseconds")), (int)Number(row.Of("underWay")), row.Of("ejectedUntil").Length > 0)))]),
               same.Max(row => Number(row.Of("milliseconds"))), same.Sum(row => Number(row.Of("underWay"))), same.First().Of("role"), same.Count()),
    ];

    public static Panel Latency(ClusterView view, IReadOnlyList<ControllerLook> controllers)
    {
        var courses = view.Rows("dc latency").GroupBy(row => row.Of("domainController"))
            .Select(same => (Name: same.Key, Course: Course.Merge([.. same.Select(row => Course.Read(row.Of("lastAt"), row.Of("milliseconds")))], Math.Max)))
            .OrderBy(each => each.Name, StringComparer.Ordinal).ToList();
        return new Panel(
            "controllers", "Domain controllers", ["DC", "state", "ms", "under way", "forest", "role", "nodes that use it"],
            [
                .. controllers.Select(each => new[]
                {
                    new Cell(each.Name), Judged.Of(each.Finding), new Cell(Text(each.Milliseconds)), new Cell(Text(each.UnderWay)), new Cell(each.Forest),
                    new Cell(each.Role), new Cell(Text(each.Nodes)),
                }),
            ])
        {
            Note = "How long each takes to answer, as the node sees it that waits longest. More: pbm dc list, pbm dc latency.",
            Chart = ChartOf("ms", courses),
        };
    }

    public static Panel Forests(ClusterView view) => new(
        "forests", "Forests", ["forest", "reached by", "not reached by", "names", "UPN suffixes"],
        [
            .. view.Rows("forests list").Select(row => new[]
            {
                new Cell(row.Of("forest")), new Cell(row.Of("reachedBy"), row.Of("reachedBy") == "no node" ? CellState.Bad : CellState.Good),
                row.Of("notReachedBy") is { Length: > 0 } nodes ? new Cell(nodes, CellState.Warning) : new Cell("none"), new Cell(row.Of("names")), new Cell(row.Of("upnSuffixes")),
            }),
        ])
    {
        Note = "As this node routes names. More: pbm forests show FOREST, pbm route NAME.",
    };

    /// <summary>Of courses that end at different steps, laid over each other; null: there is none.</summary>
    public static Chart? ChartOf(string unit, IReadOnlyList<(string Name, Course Course)> courses)
    {
        if (courses.Count == 0)
        {
            return null;
        }

        // An empty course that ends where the latest ends.
        var last = courses.MaxBy(each => each.Course.LastStep).Course with { Values = [null] };
        return new Chart(
            unit, [.. courses.Select(each => new Series(each.Name, Course.Merge([each.Course, last], Math.Max).Values))], Course.StepSeconds, last.LastAt);
    }

    private static double Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Text(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
