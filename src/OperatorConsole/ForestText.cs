using System.Globalization;
using System.Text;
using Passthrough.Wire.V1;

namespace Passthrough.OperatorConsole;

/// <summary>Forests and routes as lines of at most 100 columns: a label, then what it is.</summary>
internal static class ForestText
{
    private const int Columns = 100, LabelColumns = 15;

    public static string Of(string name, RouteReply reply)
    {
        var text = new StringBuilder();
        Line(text, "name", name);
        Line(text, "route", reply.Explanation);
        for (var i = 0; i < reply.Controllers.Count; i++)
        {
            Line(text, i == 0 ? "asked first" : "then", reply.Controllers[i]);
        }

        if (reply.Forest is { } forest)
        {
            Nodes(text, forest);
            Line(text, "names", Age(forest));
        }

        foreach (var note in reply.Notes)
        {
            Line(text, "note", note);
        }

        return text.ToString().TrimEnd();
    }

    public static string Of(ForestState forest)
    {
        var text = new StringBuilder();
        Line(text, "forest", forest.Name);
        Line(text, "names", Age(forest));
        Line(text, "domains", string.Join(", ", forest.Domains));
        Line(text, "UPN suffixes", forest.UpnSuffixes.Count > 0 ? string.Join(", ", forest.UpnSuffixes) : "none");
        Nodes(text, forest);
        foreach (var trust in forest.Trusts)
        {
            Line(text, "trust", trust);
        }

        return text.ToString().TrimEnd();
    }

    private static string Age(ForestState forest) => forest.Version == 0
        ? "as configured; its directory was not heard yet"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"version {forest.Version}, read {TimeSpan.FromMilliseconds(forest.AgeMs):d\\.hh\\:mm\\:ss} ago from {forest.ReadFrom}");

    private static void Nodes(StringBuilder text, ForestState forest)
    {
        Line(text, "reached by", forest.ReachedBy.Count > 0 ? string.Join(", ", forest.ReachedBy) : "no node");
        if (forest.NotReachedBy.Count > 0)
        {
            Line(text, "not reached by", string.Join(", ", forest.NotReachedBy));
        }
    }

    /// <summary>Broken between words; a word that is longer than a line stays whole.</summary>
    private static void Line(StringBuilder text, string label, string what)
    {
        text.Append(label.PadRight(LabelColumns));
        var column = LabelColumns;
        foreach (var word in what.Split(' '))
        {
            if (column > LabelColumns && column + 1 + word.Length > Columns)
            {
                text.AppendLine().Append(' ', LabelColumns);
                column = LabelColumns;
            }
            else if (column > LabelColumns)
            {
                text.Append(' ');
                column++;
            }

            text.Append(word);
            column += word.Length;
        }

        text.AppendLine();
    }
}
