using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>Rows for people, in lines of at most 100 columns.</summary>
internal static partial class RowText
{
    public const int Columns = 100;

    private const string Gap = " | ", Bar = " |", Below = "\n    ", Unit = "ms";
    private const int LeastWidth = 6, LeastLabel = 15, Indent = 4;

    /// <summary>Under their titles; what does not fit its column goes on below, and a column without a value is left out.</summary>
    public static IEnumerable<string> Table(IReadOnlyList<OperatorColumn> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var used = Enumerable.Range(0, columns.Count).Where(i => rows.Any(row => Shown(columns[i], row[i]).Length > 0)).ToList();
        if (used.Count == 0)
        {
            yield break;
        }

        var titles = used.Select(i => columns[i].Title).ToList();
        var shown = rows.Select(row => used.Select(i => Spaced(Shown(columns[i], row[i]))).ToList()).ToList();
        var cells = Enumerable.Range(0, used.Count).Select(i => shown.Select(row => row[i]).Append(titles[i]).ToList()).ToList();
        var widths = Fit([.. cells.Select(column => column.Max(cell => cell.Length))], [.. cells.Select(column => column.Max(cell => cell.Split(' ').Max(word => word.Length)))]);
        foreach (var line in Lines(titles, widths).Append(string.Join("-+-", widths.Select(width => new string('-', width)))))
        {
            yield return line;
        }

        foreach (var line in shown.SelectMany(row => Lines(row, widths)))
        {
            yield return line;
        }
    }

    /// <summary>Words, and what stands between backquotes, to be copied, stay whole.</summary>
    /// <param name="label">Before the first line; the others begin below its end.</param>
    public static string Wrap(string label, string text)
    {
        var lines = new List<string> { label };
        foreach (var word in WholeWord().Matches(text).Select(match => match.Value))
        {
            var isFirst = lines[^1].Length <= label.Length;
            if (!isFirst && lines[^1].Length + 1 + word.Length > Columns)
            {
                lines.Add(new string(' ', label.Length) + word);
            }
            else
            {
                lines[^1] += isFirst ? word : $" {word}";
            }
        }

        return string.Join('\n', lines.Select(line => line.TrimEnd()));
    }

    /// <summary>One line, with what there is; broken between values if it is too long, and in a value between its words.</summary>
    public static string Line(IReadOnlyList<OperatorColumn> columns, IReadOnlyList<string> row)
    {
        var values = row.Select((value, i) => Shown(columns[i], value) + (columns[i].Title == Unit && value.Length > 0 ? $" {Unit}" : "")).Where(value => value.Length > 0).ToList();
        var (text, column) = (new StringBuilder(), 0);
        foreach (var (value, i) in values.Select((value, i) => (value, i)))
        {
            // The bar of a line that goes on has its place too.
            var most = Columns - (i + 1 < values.Count ? Bar.Length : 0);
            if (i > 0)
            {
                var isOver = column + Gap.Length + value.Length > most;
                text.Append(isOver ? Bar + Below : Gap);
                column = isOver ? Indent : column + Gap.Length;
            }

            foreach (var (word, place) in value.Split(' ').Select((word, place) => (word, place)))
            {
                var isOver = place > 0 && column + 1 + word.Length > most;
                text.Append(isOver ? Below : place > 0 ? " " : "").Append(word);
                column = (isOver ? Indent : place > 0 ? column + 1 : column) + word.Length;
            }
        }

        return text.ToString();
    }

    /// <summary>A label and a value a line; values are broken between words, and one that is longer than a line stays whole.</summary>
    public static string Record(IReadOnlyList<OperatorColumn> columns, IReadOnlyList<string> row)
    {
        var text = new StringBuilder();
        var width = Math.Max(LeastLabel, columns.Max(column => column.Title.Length) + 1);
        for (var i = 0; i < columns.Count; i++)
        {
            if (row[i].Length > 0)
            {
                Append(text, columns[i].Title, columns[i].Kind == OperatorColumn.Types.Kind.Flag ? (row[i] == "true" ? "yes" : "no") : row[i], width);
            }
        }

        return text.ToString().TrimEnd();
    }

    private static void Append(StringBuilder text, string label, string value, int width)
    {
        text.Append(label.PadRight(width));
        var column = width;
        foreach (var word in value.Split(' '))
        {
            if (column > width && column + 1 + word.Length > Columns)
            {
                text.Append('\n').Append(' ', width);
                column = width;
            }
            else if (column > width)
            {
                text.Append(' ');
                column++;
            }

            text.Append(word);
            column += word.Length;
        }

        text.Append('\n');
    }

    private static string Shown(OperatorColumn column, string value) =>
        column.Kind != OperatorColumn.Types.Kind.Flag ? value : value == "true" ? column.Title : "";

    /// <summary>A time may be broken between its day and its hour.</summary>
    private static string Spaced(string value) =>
        value.Length > 11 && value[10] == 'T' && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out _) ? $"{value[..10]} {value[11..]}" : value;

    /// <summary>The widest give way first: down to their longest word, and further only if that is not enough.</summary>
    private static int[] Fit(int[] widths, int[] words)
    {
        Narrow(widths, words);
        Narrow(widths, [.. words.Select(width => Math.Min(width, LeastWidth))]);
        return widths;
    }

    private static void Narrow(int[] widths, int[] least)
    {
        var over = widths.Sum() + (Gap.Length * (widths.Length - 1)) - Columns;
        while (over > 0 && Enumerable.Range(0, widths.Length).Where(i => widths[i] > least[i]).ToList() is { Count: > 0 } wide)
        {
            var widest = wide.MaxBy(i => widths[i]);
            var next = wide.Where(i => i != widest).Select(i => widths[i]).DefaultIfEmpty(0).Max();
            var given = Math.Min(over, Math.Max(1, widths[widest] - Math.Max(next, least[widest])));
            widths[widest] -= given;
            over -= given;
        }
    }

    private static IEnumerable<string> Lines(IReadOnlyList<string> values, int[] widths)
    {
        var parts = values.Select((value, i) => Broken(value, widths[i])).ToList();
        for (var line = 0; line < parts.Max(part => part.Count); line++)
        {
            yield return string.Join(Gap, parts.Select((part, i) => (line < part.Count ? part[line] : "").PadRight(widths[i]))).TrimEnd(' ', '|');
        }
    }

    /// <summary>At a space if there is one, else after a hyphen or a comma.</summary>
    private static List<string> Broken(string value, int width)
    {
        var lines = new List<string>();
        while (value.Length > width)
        {
            var (space, hyphen) = (value.LastIndexOf(' ', width), value.LastIndexOfAny(['-', ','], width - 1) + 1);
            var at = space > 0 ? space : hyphen > width / 2 ? hyphen : width;
            lines.Add(value[..at].TrimEnd());
            value = value[at..].TrimStart();
        }

        lines.Add(value);
        return lines;
    }

    [GeneratedRegex("(?:`[^`]*`|[^ ])+")]
    private static partial Regex WholeWord();
}
