using System.Text.Json;

namespace Passthrough.Decisions.Audit;

/// <summary>Reads the fields of a record's JSON. What is not as a writer makes it has no fields; nothing throws.</summary>
public static class AuditFields
{
    /// <summary>The text of a field; null if it has none of that name.</summary>
    public static string? Text(ReadOnlySpan<byte> json, string name)
    {
        foreach (var (field, text) in All(json))
        {
            if (field == name)
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>A whole number; 0 if there is none.</summary>
    public static long Number(ReadOnlySpan<byte> json, string name) =>
        long.TryParse(Text(json, name), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    /// <summary>When it was written down; null if it does not say.</summary>
    public static DateTimeOffset? At(ReadOnlySpan<byte> json) => Instant(Text(json, "at"));

    public static DateTimeOffset? Instant(string? text) => DateTimeOffset.TryParseExact(
        text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", System.Globalization.CultureInfo.InvariantCulture,
        System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    /// <summary>All texts and numbers, in their order; empty if it is not one flat object.</summary>
    public static IReadOnlyList<(string Name, string Text)> All(ReadOnlySpan<byte> json)
    {
        var fields = new List<(string, string)>(24);
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
                {
                    return [];
                }

                fields.Add((name, reader.TokenType == JsonTokenType.String
                    ? reader.GetString()!
                    : System.Text.Encoding.ASCII.GetString(reader.ValueSpan)));
            }

            return fields;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
