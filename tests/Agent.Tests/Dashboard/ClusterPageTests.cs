using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Dashboard;
using Passthrough.Agent.Operator.Commands;
using Passthrough.Dashboards;
using Passthrough.Decisions.Dashboard;
using Passthrough.Decisions.Operator;

namespace Passthrough.Agent.Tests.Dashboard;

/// <summary>What of a cluster is shown how, from what its nodes said.</summary>
public class ClusterPageTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 3, 0, 4, TimeSpan.Zero);
    private static readonly string At = "2026-11-23T03:00:00Z";

    [Fact]
    public void When_all_is_well_it_says_so()
    {
        var page = Page();
        Assert.Equal("All is well.", Panel(page, "trouble").Note);
        Assert.Empty(Panel(page, "trouble").Rows);
        Assert.All(Panel(page, "nodes").Rows, row => Assert.Equal(new Cell("works", CellState.Good), row[1]));
        Assert.Equal(new Cell("11 h left", CellState.Good), Panel(page, "nodes").Rows[0][7]);
        Assert.Equal(["ready", "ready"], Panel(page, "controllers").Rows.Select(row => row[1].Text));
        Assert.Contains("2 nodes, 2 domain controllers, 0 locks", page.Subtitle, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_is_silent_unreachable_or_gone_is_told()
    {
        var silent = Page(second: node => node with { Missed = 2, Tables = ImmutableDictionary<string, ImmutableArray<ImmutableArray<string>>>.Empty });
        Assert.Equal([("does not answer", "agent-2")], Troubles(silent));
        Assert.Equal(new Cell("does not answer", CellState.Bad), Panel(silent, "nodes").Rows[1][1]);
        var unreachable = Page(second: node => node with { IsReachable = false, Missed = 1, Tables = ImmutableDictionary<string, ImmutableArray<ImmutableArray<string>>>.Empty });
        Assert.Equal([("unreachable", "agent-2")], Troubles(unreachable));
        var gone = Page(second: null, gone: [("agent-2", Now.AddSeconds(-64))]);
        Assert.Equal([("has left the cluster at 02:59:00", "agent-2")], Troubles(gone));
    }

    [Fact]
    public void A_controller_that_one_node_sees_fail_is_told_with_who_sees_it()
    {
        var page = Page(second: node => With(node, "dc list", ["dc1", "corp.example", "ready", "3", "0", "2", "own site, PDC", ""], ["dc2", "corp.example", "ready", "2400", "3", "2", "own site", ""]));
        Assert.Equal([("silent for 2 s (seen by agent-2)", "dc2")], Troubles(page));
        Assert.Equal(["dc2", "silent for 2 s (seen by agent-2)", "2400", "3"], Panel(page, "controllers").Rows[1].Take(4).Select(cell => cell.Text));
    }

    [Fact]
    public void An_attack_is_told_and_its_verdicts_are_marked()
    {
        var page = Page(second: node => With(
            node, "attempts rates", ["corp.example", "BadPassword", "3", At, "0 0 0 30"], ["corp.example", "Success", "1", At, "5 5 5 5"], ["corp.example", "BadPasswordRepeated", "9", At, "99 99 99 99"]));
        Assert.Equal([("passwords are being guessed: 30 failures since 03:00:00, 0 a second are usual", "corp.example")], Troubles(page));
        var panel = Panel(page, "attempts-1");
        Assert.Equal(
            [("BadPasswordRepeated", CellState.Plain, "19.8"), ("BadPassword", CellState.Bad, "0"), ("Success", CellState.Plain, "1")],
            panel.Rows.Select(row => (row[0].Text, row[0].State, row[1].Text)));
        Assert.Equal(("a second", Course.StepSeconds, Now.AddSeconds(-9)), (panel.Chart!.Unit, panel.Chart.StepSeconds, panel.Chart.LastAt));
        Assert.Equal([19.8, 19.8, 19.8], panel.Chart.Series[0].Values.TakeLast(3));
    }

    [Fact]
    public void Failures_have_their_reasons_and_locks_their_end()
    {
        var page = Page(second: node => With(
            With(node, "attempts tail", ["2026-11-23T02:59:59.000Z", "BadPassword", "1326/50126", "corp.example/1", "dc1", "3", "", "x"], ["2026-11-23T03:00:00.000Z", "handed back: Busy", "", "unknown", "", "3", "", "x"]),
            "lockouts list", ["corp.example/1", "unfamiliar", "10", "0", "2026-11-23T03:01:00Z", At]));
        Assert.Equal(["handed back: Busy", "wrong password"], Panel(page, "failures").Rows.Select(row => row[1].Text));
        Assert.Equal(["corp.example/1", "unfamiliar", "10", "2026-11-23 03:01:00", "agent-2"], Panel(page, "locks").Rows.Single().Select(cell => cell.Text));
        Assert.Contains("1 lock", page.Subtitle, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_not_well_is_told_once()
    {
        var page = Page(second: node => With(
            node, "agents health", ["cluster", "degraded", "1 of 2 members cannot be reached"], ["journal", "degraded", "it is full"], ["certificate", "unhealthy", "ended"]));
        Assert.Equal([("ended", "certificate of agent-2"), ("it is full", "journal of agent-2")], Troubles(page));
        Assert.Equal(CellState.Bad, Panel(page, "nodes").Rows[1][7].State);
        Assert.Equal("certificate", Panel(page, "health").Rows[0][1].Text);
    }

    [Fact]
    public void The_rows_of_a_node_of_another_version_are_left_out() =>
        Assert.Empty(Troubles(Page(second: node => With(node, "dc list", ["dc1", "corp.example"]))));

    [Fact]
    public async Task It_is_gathered_for_all_who_look_and_only_when_somebody_looks()
    {
        var clock = new FakeTimeProvider(Now);
        var (count, gather) = (0, new TaskCompletionSource<DashboardPage>());
        var feed = new DashboardFeed(
            () =>
            {
                count++;
                return gather.Task;
            },
            clock);
        var (first, second) = (feed.LookAsync(), feed.LookAsync());
        clock.Advance(TimeSpan.FromSeconds(5));
        var third = feed.LookAsync();
        Assert.Equal(1, count);
        gather.SetResult(Page());
        Assert.Same(await first, await second);
        Assert.Same(await first, await third);
        await feed.LookAsync();
        await feed.LookAsync();
        Assert.Equal(2, count);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, count);
        await feed.LookAsync();
        Assert.Equal(3, count);
    }

    private static DashboardPage Page(IReadOnlyList<(string, DateTimeOffset)>? gone = null) => Page(node => node, gone);

    private static DashboardPage Page(Func<NodeLook, NodeLook>? second, IReadOnlyList<(string, DateTimeOffset)>? gone = null)
    {
        NodeLook[] nodes = second is null ? [Node("agent-1")] : [Node("agent-1"), second(Node("agent-2"))];
        return ClusterPage.Of(new ClusterView("agent-1", nodes, gone ?? [], ColumnsOf), Now);
    }

    private static NodeLook Node(string name)
    {
        var node = new NodeLook(name, $"{name}:4053", "up", true, 0, ImmutableDictionary<string, ImmutableArray<ImmutableArray<string>>>.Empty);
        node = With(node, "agents list", [$"{name}:4053", "works", "1 of 1", "0", "2026-11-23T14:59:00Z", "0.1.0"]);
        node = With(node, "agents health", ["journal", "healthy", "is written"], ["certificate", "healthy", "ends"]);
        node = With(node, "cluster-sharding region-stats", ["lockout", "100", "7"], ["forest", "1", "1"]);
        node = With(node, "dc list", ["dc1", "corp.example", "ready", "3", "0", "2", "own site, PDC", ""], ["dc2", "corp.example", "ready", "2", "0", "2", "own site", ""]);
        node = With(node, "dc latency", ["dc1", "corp.example", At, "3 3 3"], ["dc2", "corp.example", At, "2 - 2"]);
        return name == "agent-1" ? With(node, "forests list", ["corp.example", "version 3", "corp.example (CORP)", "contoso.com", "agent-1, agent-2", "", ""]) : node;
    }

    private static NodeLook With(NodeLook node, string title, params string[][] rows) =>
        node with { Tables = node.Tables.SetItem(title, [.. rows.Select(row => row.ToImmutableArray())]) };

    private static ImmutableArray<ColumnDefinition> ColumnsOf(string title) => title switch
    {
        "agents list" => AgentRows.Columns,
        "dc list" => ControllerRows.Columns,
        "attempts tail" => AttemptRows.Columns,
        "lockouts list" => Lockouts.Columns,
        "forests list" => ForestRows.Columns,
        "agents health" => [new("part", ""), new("state", ""), new("reason", "")],
        "cluster-sharding region-stats" => [new("region", ""), new("shards", ""), new("entities", "")],
        "dc latency" => [new("domainController", ""), new("forest", ""), new("lastAt", ""), new("milliseconds", "")],
        "attempts rates" => [new("forest", ""), new("verdict", ""), new("perSecond", ""), new("lastAt", ""), new("counts", "")],
        _ => throw new ArgumentOutOfRangeException(nameof(title), title, "unknown"),
    };

    private static Panel Panel(DashboardPage page, string id) => page.Panels.Single(panel => panel.Id == id);

    private static IEnumerable<(string What, string Where)> Troubles(DashboardPage page) => Panel(page, "trouble").Rows.Select(row => (row[0].Text, row[1].Text));
}
