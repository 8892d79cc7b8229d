namespace Passthrough.Dashboards;

/// <summary>What a dashboard shows at one moment. Two that look the same are the same: the time of the look is no part of it.</summary>
/// <param name="Subtitle">One line below the title; empty: none.</param>
public sealed record DashboardPage(string Title, string Subtitle, IReadOnlyList<Panel> Panels);

/// <summary>A table with a title, and a chart above it if there is one.</summary>
/// <param name="Id">Its place on the page: lower-case letters, digits and hyphens, a letter first; each once.</param>
/// <param name="Rows">Each with as many cells as there are columns. More than 200 are left out, and the page says so.</param>
public sealed record Panel(string Id, string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows)
{
    /// <summary>What the panel tells, what no row can say, or the command that shows more; null: nothing.</summary>
    public string? Note { get; init; }

    /// <summary>What has a course in time; null: nothing.</summary>
    public Chart? Chart { get; init; }
}

/// <param name="State">Told by a sign and a word to those who see no colours.</param>
public readonly record struct Cell(string Text, CellState State = CellState.Plain);

/// <summary>How what a cell says is.</summary>
public enum CellState
{
    /// <summary>Neither good nor bad.</summary>
    Plain,
    Good,
    Warning,
    Bad,
}

/// <summary>Lines over time.</summary>
/// <param name="Unit">Of all values: "ms", "attempts a second".</param>
/// <param name="Series">More than 8 are left out, and the page says so.</param>
/// <param name="StepSeconds">Between two values.</param>
/// <param name="LastAt">The time of the last value of every series.</param>
public sealed record Chart(string Unit, IReadOnlyList<Series> Series, int StepSeconds, DateTimeOffset LastAt);

/// <summary>One line of a chart.</summary>
/// <param name="Values">The oldest first; null: not known. The last 360 are kept.</param>
public sealed record Series(string Name, IReadOnlyList<double?> Values);
