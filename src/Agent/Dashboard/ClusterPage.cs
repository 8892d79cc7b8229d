using System.Globalization;
using Passthrough.Agent.Hosting;
using Passthrough.Dashboards;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Dashboard;

/// <summary>The page of a cluster: what is wrong first, then what there is.</summary>
internal static class ClusterPage
{
    /// <summary>Parts of an agent's health that have panels of their own.</summary>
    private static readonly string[] ShownElsewhere = ["cluster", "forests"];

    public static DashboardPage Of(ClusterView view, DateTimeOffset now)
    {
        var controllers = ForestPanels.Controllers(view);
        var traffic = TrafficPanels.Forests(view);
        var locked = view.Rows("lockouts list").Count();
        IReadOnlyList<Panel> panels =
        [
            Trouble(view, controllers, traffic), Nodes(view, now), .. traffic.Select(TrafficPanels.Rates), Health(view), ForestPanels.Latency(view, controllers),
            TrafficPanels.Locks(view), TrafficPanels.Failures(view), ForestPanels.Forests(view),
        ];
        return new DashboardPage(
            "Passthrough cluster",
            $"Seen from {view.Self} (version {Version(AgentCommand.ProgramVersion)}): {Count(view.Nodes.Count, "node")}, {Count(controllers.Count, "domain controller")}, {Count(locked, "lock")}",
            panels);
    }

    private static Finding Judge(NodeLook node) =>
        DashboardRules.Node(
            node.Status, node.IsReachable, node.Missed, node.Tables.GetValueOrDefault("agents list", []).FirstOrDefault([]).ElementAtOrDefault(1) ?? "");

    /// <summary>What somebody should look at, the worst first; who asks what to do is told the command.</summary>
    private static Panel Trouble(ClusterView view, IReadOnlyList<ControllerLook> controllers, IReadOnlyList<ForestTraffic> traffic)
    {
        IEnumerable<(Finding Finding, string Where, string Do)> all =
        [
            .. view.Nodes.Select(node => (Judge(node), node.Name, node.Missed == 0 ? $"pbm agents show {node.Name}" : "pbm cluster status, and that machine’s log")),
            .. view.Gone.Select(gone => (
                new Finding(HealthState.Degraded, $"has left the cluster at {Clock(gone.At)}"), gone.Address, "pbm cluster tail; it joins again when it starts")),
            .. traffic.Where(each => each.Guessing is not null).Select(each => (
                DashboardRules.Of(each.Guessing!), each.Forest, $"pbm attempts tail -f {each.Forest}, pbm lockouts top")),
            .. controllers.Select(each => (each.Finding, each.Name, $"pbm dc list, pbm dc latency, pbm dc eject {each.Name}")),
            .. Parts(view).Where(part => !ShownElsewhere.Contains(part.Part)).Select(part => (part.Finding, $"{part.Part} of {part.Node}", "pbm agents health")),
        ];
        var wrong = all.Where(each => each.Finding.State != HealthState.Healthy).OrderByDescending(each => each.Finding.State).ToList();
        return new Panel(
            "trouble", "What needs attention", ["what", "where", "see and mend"],
            [.. wrong.Select(each => new[] { Judged.Of(each.Finding), new Cell(each.Where), new Cell(each.Do) })])
        {
            Note = wrong.Count == 0 ? "All is well." : "This page changes nothing: commands are for pbm.",
        };
    }

    private static Panel Nodes(ClusterView view, DateTimeOffset now)
    {
        var agents = view.Rows("agents list").ToLookup(row => row.Node, row => row.Of);
        var shards = view.Rows("cluster-sharding region-stats").Where(row => row.Of("region") == "lockout").ToLookup(row => row.Node, row => row.Of);
        var certificates = Parts(view).Where(part => part.Part == "certificate").ToLookup(part => part.Node, part => part.Finding.State);
        return new Panel(
            "nodes", "Nodes", ["node", "state", "address", "gateways", "in flight", "shards", "accounts", "certificate", "version"],
            [
                .. from node in view.Nodes
                   let own = agents[node.Name].FirstOrDefault() ?? (_ => "–")
                   let homes = shards[node.Name].FirstOrDefault() ?? (_ => "–")
                   select new[]
                   {
                       new Cell(node.Name), Judged.Of(Judge(node)), new Cell(node.Address), new Cell(own("gateways")), new Cell(own("inFlight")),
                       new Cell(homes("shards")), new Cell(homes("entities")), Certificate(own("certificateUntil"), certificates[node.Name], now), new Cell(Version(own("version"))),
                   },
            ])
        {
            Note = "More: pbm agents show NODE. Accounts are those in memory; who has not signed in lately is in none.",
        };
    }

    private static Cell Certificate(string until, IEnumerable<HealthState> told, DateTimeOffset now) =>
        DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end)
            ? new Cell($"{(end > now ? $"{ProgramHealth.Length(end - now)} left" : "ended")}", Judged.StateOf(told.Cast<HealthState?>().FirstOrDefault()))
            : new Cell("–");

    private static Panel Health(ClusterView view) => new(
        "health", "Parts of the agents", ["node", "part", "state", "reason"],
        [
            .. from part in Parts(view)
               orderby part.Finding.State descending
               select new[] { new Cell(part.Node), new Cell(part.Part), Judged.Of(part.Finding with { Reason = Word(part.Finding.State) }), new Cell(part.Finding.Reason) },
        ])
    {
        Note = "As each agent’s monitoring port tells it. More: pbm agents health, pbm journal status.",
    };

    private static IEnumerable<(string Node, string Part, Finding Finding)> Parts(ClusterView view) =>
        from row in view.Rows("agents health")
        let state = Enum.TryParse<HealthState>(row.Of("state"), ignoreCase: true, out var read) ? read : HealthState.Unhealthy
        select (row.Node, row.Of("part"), new Finding(state, row.Of("reason")));

    private static string Word(HealthState state) => state switch
    {
        HealthState.Healthy => "well",
        HealthState.Degraded => "look at it",
        _ => "does not work",
    };

    public static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>As a command's row has it, for people: UTC, to the second.</summary>
    public static string Moment(string at) => at.Length >= 19 ? at[..19].Replace('T', ' ') : at;

    /// <summary>With as much of the source's hash as people use.</summary>
    private static string Version(string text) => text.IndexOf('+', StringComparison.Ordinal) is var plus and >= 0 && text.Length > plus + 8 ? text[..(plus + 8)] : text;

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
