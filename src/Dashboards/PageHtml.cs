using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Passthrough.Dashboards;

/// <summary>A page as it is without script: complete, and every text encoded. The script makes the same elements of what comes later.</summary>
internal sealed class PageHtml(string root)
{
    /// <summary>A panel with more has the page's whole width.</summary>
    private const int ManyColumns = 4;

    private readonly StringBuilder _html = new();

    /// <summary>To other pages.</summary>
    public IReadOnlyList<(string Text, string Address)> Links { get; init; } = [];

    /// <param name="page">Within its bounds.</param>
    /// <param name="at">When it was gathered.</param>
    public string Of(DashboardPage page, DateTimeOffset at)
    {
        Put("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", page.Title, "</title>");
        Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">");
        Put("<link rel=\"icon\" href=\"", $"{root}/dashboard.svg", "\">");
        Put("<link rel=\"stylesheet\" href=\"", $"{root}/dashboard.css", "\">");
        Put("<script src=\"", $"{root}/dashboard.js", "\" defer></script></head>");
        Put("<body data-stream=\"", $"{root}/stream", "\"><a class=\"skip\" href=\"#panels\">Skip to the panels</a><header>");
        Put("<h1>", page.Title, "</h1>");
        Put("<p id=\"subtitle\">", page.Subtitle, "</p>");
        Raw("<p id=\"live\"><span id=\"state\" role=\"status\">Not live: the page as it was</span> <span>at <time id=\"at\">");
        Put("", at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture), "</time> UTC</span></p>");
        AddLinks();
        Raw("<nav aria-label=\"Panels\"><ul id=\"toc\">");
        foreach (var panel in page.Panels)
        {
            Put("<li><a href=\"#", panel.Id, "\">");
            Put("", panel.Title, "</a></li>");
        }

        Raw("</ul></nav></header><main id=\"panels\" tabindex=\"-1\">");
        foreach (var panel in page.Panels)
        {
            Add(panel);
        }

        Raw("</main></body></html>\n");
        return _html.ToString();
    }

    private void AddLinks()
    {
        if (Links.Count == 0)
        {
            return;
        }

        Raw("<nav aria-label=\"Pages\"><ul>");
        foreach (var (text, address) in Links)
        {
            Put("<li><a href=\"", address, "\">");
            Put("", text, "</a></li>");
        }

        Raw("</ul></nav>");
    }

    private void Add(Panel panel)
    {
        Put($"<section class=\"{(panel.Columns.Count > ManyColumns ? "wide" : "")}\" id=\"", panel.Id, "\" aria-labelledby=\"");
        Put("", panel.Id, "-title\"><h2 id=\"");
        Put("", panel.Id, "-title\">");
        Put("", panel.Title, "</h2>");
        Put("<p class=\"note\">", panel.Note ?? "", "</p><div class=\"chart\"></div>");
        Table(panel.Title, panel.Columns, panel.Rows);
        if (panel.Chart is { } chart)
        {
            Put("<details><summary>", $"The chart’s numbers ({chart.Unit})", "</summary>");
            Table($"Numbers of {panel.Title}", [.. chart.Series.Select(series => series.Name).Prepend("at (UTC)")], [.. Numbers(chart)]);
            Raw("</details>");
        }

        Raw("</section>");
    }

    /// <summary>The newest first.</summary>
    private static IEnumerable<IReadOnlyList<Cell>> Numbers(Chart chart)
    {
        var count = chart.Series.Select(series => series.Values.Count).DefaultIfEmpty().Max();
        for (var back = 0; back < count; back++)
        {
            var at = chart.LastAt.AddSeconds(-back * chart.StepSeconds).UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
            yield return [new Cell(at), .. chart.Series.Select(series => new Cell(Number(series.Values, series.Values.Count - 1 - back)))];
        }
    }

    private static string Number(IReadOnlyList<double?> values, int at) =>
        (at >= 0 ? values[at] : null)?.ToString("0.###", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>The roles say again what the elements are: on a narrow screen a row is laid out as a block, and a browser would forget.</summary>
    private void Table(string label, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        Put("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"", label, "\"><table role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">");
        foreach (var column in columns)
        {
            Put("<th role=\"columnheader\" scope=\"col\">", column, "</th>");
        }

        Raw("</tr></thead><tbody role=\"rowgroup\">");
        foreach (var row in rows)
        {
            Raw("<tr role=\"row\">");
            foreach (var (cell, column) in row.Zip(columns))
            {
                Add(cell, column);
            }

            Raw("</tr>");
        }

        Raw(rows.Count == 0 ? $"<tr role=\"row\"><td role=\"cell\" class=\"none\" colspan=\"{Math.Max(columns.Count, 1)}\">none</td></tr>" : "");
        Raw("</tbody></table></div>");
    }

    private void Add(Cell cell, string column)
    {
        var state = cell.State.ToString().ToLowerInvariant();
        Put($"<td role=\"cell\" class=\"{state}\" data-column=\"", column, "\">");
        Raw(cell.State == CellState.Plain ? "" : $"<span class=\"sign\" role=\"img\" aria-label=\"{state}\">{Sign(cell.State)}</span>");
        Put("<span>", cell.Text, "</span></td>");
    }

    private static string Sign(CellState state) => state switch
    {
        CellState.Good => "✓",
        CellState.Warning => "▲",
        _ => "✖",
    };

    private void Raw(string html) => _html.Append(html);

    private void Put(string before, string text, string after) => _html.Append(before).Append(HtmlEncoder.Default.Encode(text)).Append(after);
}
