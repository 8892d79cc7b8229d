using System.Text.Json;
using System.Text.Json.Serialization;

namespace Passthrough.Dashboards;

/// <summary>What a page may hold: a browser is not flooded, whatever a cluster has to tell. What was left out is told.</summary>
internal static class PageBounds
{
    public const int MaxPanels = 24, MaxRows = 200, MaxColumns = 16, MaxSeries = 8, MaxValues = 360, MaxText = 400;

    /// <summary>Of a page as JSON.</summary>
    public const int MaxBytes = 256 * 1024;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <returns>The page, cut if it must be, and the same as JSON on one line.</returns>
    public static (DashboardPage Page, byte[] Json) Of(DashboardPage page)
    {
        for (var rows = MaxRows; ; rows /= 2)
        {
            var cut = Cut(page, rows);
            var json = JsonSerializer.SerializeToUtf8Bytes(cut, Form);
            if (json.Length <= MaxBytes || rows == 0)
            {
                return (cut, json);
            }
        }
    }

    /// <param name="rows">0: no charts either.</param>
    private static DashboardPage Cut(DashboardPage page, int rows) => new(
        Text(page.Title),
        page.Panels.Count > MaxPanels ? $"{Text(page.Subtitle)} ({page.Panels.Count - MaxPanels} panels are not shown)" : Text(page.Subtitle),
        [.. page.Panels.Take(MaxPanels).Select(panel => Cut(panel, rows))]);

    private static Panel Cut(Panel panel, int rows)
    {
        var chart = rows > 0 ? panel.Chart : null;
        string[] left =
        [
            panel.Rows.Count > rows ? $"{panel.Rows.Count - rows} more rows are not shown." : "",
            panel.Chart is not null && chart is null ? "The chart is not shown: there is too much on this page." : "",
            chart?.Series.Count > MaxSeries ? $"{chart.Series.Count - MaxSeries} more lines are not shown." : "",
        ];
        var note = string.Join(' ', left.Prepend(Text(panel.Note ?? "")).Where(text => text.Length > 0));
        var columns = panel.Columns.Take(MaxColumns).Select(Text).ToList();
        return new Panel(panel.Id, Text(panel.Title), columns, [.. panel.Rows.Take(rows).Select(row => Cut(row, columns.Count))])
        {
            Note = note.Length > 0 ? note : null,
            Chart = chart is null ? null : Cut(chart),
        };
    }

    private static List<Cell> Cut(IReadOnlyList<Cell> row, int columns) => [.. row.Take(columns).Select(cell => cell with { Text = Text(cell.Text) })];

    private static Chart Cut(Chart chart) => chart with
    {
        Unit = Text(chart.Unit),
        Series = [.. chart.Series.Take(MaxSeries).Select(series => new Series(Text(series.Name), [.. series.Values.TakeLast(MaxValues).Select(Rounded)]))],
    };

    /// <summary>Three decimals say all that a person can read.</summary>
    private static double? Rounded(double? value) => value is { } number && double.IsFinite(number) ? Math.Round(number, 3) : null;

    private static string Text(string text) => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, MaxText), "…");
}
