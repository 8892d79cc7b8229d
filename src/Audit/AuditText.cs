using System.Globalization;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>Records as people read them.</summary>
internal static class AuditText
{
    /// <summary>What the log says of itself, not of people.</summary>
    public static bool IsOwn(ReadOnlySpan<byte> record) => AuditFields.Text(record, "kind") is not ("signIn" or "act");

    /// <summary>For people: when, what, then every other field by its name.</summary>
    public static string Line(ReadOnlySpan<byte> record)
    {
        var fields = AuditFields.All(record);
        var at = AuditFields.Instant(fields.FirstOrDefault(each => each.Name == "at").Text) ?? default;
        var rest = fields.Where(each => each.Name is not ("at" or "kind" or "n")).Select(each => $"{each.Name}={each.Text}");
        return $"{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}  "
            + $"{fields.FirstOrDefault(each => each.Name == "kind").Text}  {string.Join("  ", rest)}";
    }
}
