using Passthrough.Dashboards;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Agent.Dashboard;

/// <summary>How a dashboard shows what was judged.</summary>
internal static class Judged
{
    public static Cell Of(Finding finding) => Of(finding.Reason, finding.State);

    /// <param name="state">Null: neither good nor bad.</param>
    public static Cell Of(string text, HealthState? state) => new(text, StateOf(state));

    public static CellState StateOf(HealthState? state) => state switch
    {
        null => CellState.Plain,
        HealthState.Healthy => CellState.Good,
        HealthState.Degraded => CellState.Warning,
        _ => CellState.Bad,
    };
}
