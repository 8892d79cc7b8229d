using System.Globalization;

namespace Passthrough.Decisions.Audit;

/// <summary>How far back: 5s, 5m, 1h, 1d.</summary>
public static class TimeRange
{
    /// <summary>Null: it is not one, or is longer than ten years.</summary>
    public static TimeSpan? TryParse(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        var unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero && count <= TimeSpan.FromDays(3653) / unit ? count * unit : null;
    }
}
