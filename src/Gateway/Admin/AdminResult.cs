using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Passthrough.Gateway.Admin;

/// <summary>What a command gives back: as a table or a sentence for people, as JSON for programs.</summary>
internal sealed class AdminResult
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        // It goes to a terminal or a program, never into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly JsonNode _json;
    private readonly string _text;

    private AdminResult(JsonNode json, string text) => (_json, _text) = (json, text);

    /// <summary>Something was made or changed.</summary>
    /// <param name="fields">For programs.</param>
    /// <param name="text">For people; a secret that is shown once stands in it.</param>
    public static AdminResult Done(JsonObject fields, string text) => new(fields, text);

    /// <summary>One row for each item.</summary>
    /// <param name="columns">Name in JSON (camel case), also the heading; and the value.</param>
    public static AdminResult List<T>(IReadOnlyList<T> items, params (string Name, Func<T, JsonNode?> Value)[] columns)
    {
        var json = new JsonArray(
            [.. items.Select(item => (JsonNode)new JsonObject(columns.Select(c => KeyValuePair.Create(c.Name, c.Value(item)))))]);
        var rows = items.Select(item => columns.Select(c => Text(c.Value(item))).ToArray()).ToList();
        return new AdminResult(json, items.Count == 0 ? "none" : Table([.. columns.Select(c => Heading(c.Name))], rows));
    }

    /// <summary>An instant, in UTC and to the second.</summary>
    public static string? Instant(DateTimeOffset? instant) =>
        instant?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    public string ToJson() => _json.ToJsonString(Indented);

    public string ToText() => _text;

    private static string Text(JsonNode? value) => value switch
    {
        null => "-",
        JsonArray array => array.Count == 0 ? "-" : string.Join(",", array.Select(item => item!.ToString())),
        _ => value.ToString(),
    };

    private static string Heading(string name) =>
        string.Concat(name.Select(c => char.IsUpper(c) ? $" {c}" : c.ToString())).ToUpperInvariant();

    private static string Table(string[] headings, List<string[]> rows)
    {
        var widths = headings.Select((heading, i) => rows.Max(row => row[i].Length) is var widest && widest > heading.Length
            ? widest
            : heading.Length).ToArray();
        var lines = rows.Prepend(headings).Select(row => string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        return string.Join(Environment.NewLine, lines);
    }
}
