using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;

namespace Passthrough.Dashboards.Tests;

/// <summary>A page as HTML and as JSON: encoded, complete and bounded.</summary>
public partial class RenderingTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 3, 0, 5, TimeSpan.Zero);

    [Fact]
    public void Whatever_a_text_is_it_stays_text() => Gen.String[0, 40].Sample(text =>
    {
        var odd = text + Samples.Hostile + "'\"><";
        var cell = new Cell(odd, CellState.Bad);
        var page = new DashboardPage(odd, odd, [new Panel("one", odd, [odd], [[cell]])
        {
            Note = odd,
            Chart = new Chart(odd, [new Series(odd, [1])], 5, At),
        }]);

        var tags = Tag().Matches(new PageHtml("").Of(page, At)).Select(tag => tag.Value).ToList();

        // Nothing but what a page of plain words has, with as many quotes.
        var plain = Tag().Matches(new PageHtml("").Of(Plain, At)).Select(tag => tag.Value).ToList();
        Assert.Equal(plain.Select(Name), tags.Select(Name));
        Assert.Equal(plain.Select(tag => tag.Count(c => c == '"')), tags.Select(tag => tag.Count(c => c == '"')));
        Assert.DoesNotContain((byte)'\n', PageBounds.Of(page).Json);
    });

    [Fact]
    public void It_is_complete_without_script_and_has_none_of_its_own()
    {
        var html = new PageHtml("/tenant").Of(Samples.Calm, At);
        var words = WebUtility.HtmlDecode(Tag().Replace(html, " "));
        Assert.All(["Cluster passthrough", "agent-2", "draining", "More: pbm cluster show", "WrongPassword", "03:00:05", Samples.Hostile], word => Assert.Contains(word, words, StringComparison.Ordinal));
        Assert.Contains("<script src=\"/tenant/dashboard.js\" defer></script>", html.Replace("&#x2F;", "/", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "<script"));
    }

    [Fact]
    public void It_leads_to_the_pages_beside_it()
    {
        Assert.DoesNotContain("Pages", new PageHtml("").Of(Samples.Calm, At), StringComparison.Ordinal);
        Assert.Contains(
            "<nav aria-label=\"Pages\"><ul><li><a href=\"/tenant/search\">Search &amp; find</a></li></ul></nav>",
            new PageHtml("/tenant") { Links = [("Search & find", "/tenant/search")] }.Of(Samples.Calm, At), StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_is_told_by_a_sign_and_a_word()
    {
        var html = new PageHtml("").Of(Samples.Trouble, At);
        Assert.Contains("<td role=\"cell\" class=\"bad\" data-column=\"state\"><span class=\"sign\" role=\"img\" aria-label=\"bad\">✖</span><span>silent for 4 s</span>", html, StringComparison.Ordinal);
    }

    [Theory, InlineData(200, null), InlineData(201, "1 more rows are not shown."), InlineData(1_000, "800 more rows are not shown.")]
    public void Rows_that_are_left_out_are_told(int rows, string? note)
    {
        var (page, _) = PageBounds.Of(With(new Panel("p", "P", ["a"], [.. Enumerable.Range(0, rows).Select(i => new[] { new Cell($"{i}") })])));
        Assert.Equal((Math.Min(rows, 200), note), (page.Panels[0].Rows.Count, page.Panels[0].Note));
    }

    [Fact]
    public void However_much_there_is_the_page_stays_within_its_bytes()
    {
        var wide = Enumerable.Range(0, 400).Select(_ => Enumerable.Range(0, 30).Select(_ => new Cell(new string('ü', 3_000))).ToArray()).ToArray();
        var lines = Enumerable.Range(0, 20).Select(i => new Series($"line {i}", [.. Enumerable.Range(0, 5_000).Select(v => (double?)v)])).ToList();
        var panels = Enumerable.Range(0, 40).Select(i => new Panel($"p{i}", "P", [.. Enumerable.Range(0, 30).Select(c => $"{c}")], wide) { Chart = new Chart("ms", lines, 5, At) });

        var (page, json) = PageBounds.Of(new DashboardPage("T", "", [.. panels]));

        Assert.InRange(json.Length, 1, PageBounds.MaxBytes);
        Assert.Contains("16 panels are not shown", page.Subtitle, StringComparison.Ordinal);
        Assert.All(page.Panels, panel => Assert.Contains("more rows are not shown", panel.Note, StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_are_cut_at_the_old_end_and_a_number_that_is_none_is_not_known()
    {
        var values = Enumerable.Range(0, 361).Select(i => (double?)i).Append(double.NaN).Append(1.23456).ToList();
        var (page, json) = PageBounds.Of(With(new Panel("p", "P", [], []) { Chart = new Chart("ms", [.. Enumerable.Range(0, 9).Select(i => new Series($"{i}", values))], 5, At) }));
        var chart = page.Panels[0].Chart!;
        Assert.Equal((8, 360, 3.0, 1.235), (chart.Series.Count, chart.Series[0].Values.Count, chart.Series[0].Values[0], chart.Series[0].Values[^1]));
        Assert.Null(chart.Series[0].Values[^2]);
        Assert.Equal("1 more lines are not shown.", page.Panels[0].Note);
        Assert.DoesNotContain((byte)'\n', json);
    }

    [Fact]
    public void The_script_is_told_the_same_in_JSON()
    {
        var json = JsonDocument.Parse(PageBounds.Of(Samples.Trouble).Json).RootElement;
        var cell = json.GetProperty("panels")[0].GetProperty("rows")[1][1];
        Assert.Equal(("silent for 4 s", "bad"), (cell.GetProperty("text").GetString(), cell.GetProperty("state").GetString()));
        var chart = json.GetProperty("panels")[1].GetProperty("chart");
        Assert.Equal(JsonValueKind.Null, chart.GetProperty("series")[1].GetProperty("values")[50].ValueKind);
        Assert.Equal((5, "2026-11-23T03:00:05+00:00"), (chart.GetProperty("stepSeconds").GetInt32(), chart.GetProperty("lastAt").GetString()));
    }

    [Fact]
    public void The_table_of_a_chart_has_its_numbers_with_their_time()
    {
        var html = new PageHtml("").Of(With(new Panel("p", "P", [], []) { Chart = new Chart("ms", [new Series("dc1", [1, null, 2.5])], 5, At) }), At);
        var text = new StringBuilder();
        foreach (Match cell in Regex.Matches(html, "<span>([^<]*)</span></td>"))
        {
            text.Append(WebUtility.HtmlDecode(cell.Groups[1].Value)).Append(' ');
        }

        Assert.Equal("03:00:05 2.5 03:00:00 – 02:59:55 1 ", text.ToString());
    }

    private static DashboardPage Plain { get; } = new("a", "a", [new Panel("one", "a", ["a"], [[new Cell("a", CellState.Bad)]]) { Note = "a", Chart = new Chart("a", [new Series("a", [1])], 5, At) }]);

    private static DashboardPage With(Panel panel) => new("T", "", [panel]);

    private static string Name(string tag) => tag.Split(' ', '>')[0];

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
