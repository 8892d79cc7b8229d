using System.Globalization;

namespace Passthrough.Agent.Operator;

/// <summary>Values as operators see them.</summary>
internal static class Plain
{
    private const int MaxLength = 1_024;

    /// <summary>Without anything that a terminal or a log could take for more than text: a name may come from a directory.</summary>
    public static string Text(string text)
    {
        var isPlain = text.Length <= MaxLength && !text.Any(IsTrouble);
        return isPlain ? text : string.Concat(text.Take(MaxLength).Select(c => IsTrouble(c) ? '\uFFFD' : c));
    }

    /// <summary>UTC, to the second; empty: never.</summary>
    public static string Time(DateTimeOffset? at) => at is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "";

    /// <summary>UTC, to the millisecond.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Number(double number) => number.ToString("0.0", CultureInfo.InvariantCulture);

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Flag(bool on) => on ? "true" : "false";

    /// <summary>Also what turns the direction of text, and lone halves of a pair.</summary>
    private static bool IsTrouble(char c) => char.IsControl(c) || c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u2028' or '\u2029';
}
