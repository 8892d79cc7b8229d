namespace Passthrough.Dashboards.Tests;

/// <summary>Pages as a cluster might have them.</summary>
internal static class Samples
{
    /// <summary>Every cell that could be taken for something else than text, if it were not encoded.</summary>
    public const string Hostile = "<img src=x onerror=\"document.title='taken'\"> & </td><script>document.title='taken'</script> \u202Etxt";

    private static readonly DateTimeOffset At = new(2026, 11, 23, 3, 0, 5, TimeSpan.Zero);

    public static DashboardPage Calm { get; } = Of("works", CellState.Good, 3);

    public static DashboardPage Trouble { get; } = Of("silent for 4 s", CellState.Bad, 96);

    public static DashboardPage Of(string node, CellState state, double last) => new(
        "Cluster passthrough", "agent-1 of 3 agents", [
            new("nodes", "Nodes", ["node", "state", "version"],
            [
                [new("agent-1"), new("works", CellState.Good), new("0.1.0")], [new("agent-2"), new(node, state), new("0.1.0")],
                [new(Hostile), new("draining", CellState.Warning), new("0.1.0")],
            ])
            {
                Note = "More: pbm cluster show",
            },
            new("attempts", "Attempts a second", ["forest", "verdict", "a second"], [[new("corp.example"), new("Success"), new($"{last}")]])
            {
                Chart = new("a second", [new("Success", Course(last)), new("WrongPassword", [.. Course(2).Select((v, i) => i is > 40 and < 60 ? null : v)])], 5, At),
            },
            new("locks", "Locked accounts", ["account", "until (UTC)"], []),
        ]);

    private static List<double?> Course(double last) => [.. Enumerable.Range(0, 179).Select(i => (double?)(2 + (i % 7 * 0.25))), last];
}
