using System.Globalization;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Decisions.TenantPage;

/// <summary>What a person has typed into the search of the tenant page, as the form has it; empty where nothing was.</summary>
/// <param name="Account">A name, an objectGUID or a pseudonym.</param>
/// <param name="Id">A request id.</param>
/// <param name="Verdict">By its name.</param>
/// <param name="Since">How far back: 5s, 5m, 1h, 1d.</param>
/// <param name="Until">Up to how long ago, in the same form; empty: now.</param>
/// <param name="At">Unix milliseconds that both are reckoned from: a search that goes on keeps its range. Empty: now.</param>
/// <param name="Before">The number of a record, from which a search goes on.</param>
public sealed record SearchInput(string Account, string Id, string Verdict, string Since, string Until, string At, string Before)
{
    /// <summary>Longer than any name of a directory, or than what the log keeps of one.</summary>
    public const int MaxAccount = 512;

    private const int RequestIdDigits = 32;

    /// <summary>What is shown first: nothing typed, the last hour.</summary>
    public static SearchInput Empty { get; } = new("", "", "", "1h", "", "", "");

    /// <summary>What it asks for; null with the fault, one line for the person who typed it.</summary>
    public Asked? Read(DateTimeOffset now, out string fault)
    {
        var anchor = At.Length == 0 ? now : Instant(At);
        var (since, until) = (Range(Since), Range(Until));
        long before = 0;
        fault = Account.Length > MaxAccount ? $"A name has at most {MaxAccount} characters."
            : Id.Length > 0 && !IsRequestId(Id.Trim()) ? $"A request id has {RequestIdDigits} digits, 0 to 9 and a to f, as the sign-in page shows it."
            : Verdict.Length > 0 && VerdictTable.Rows.All(row => row.Verdict.ToString() != Verdict) ? "There is no such verdict."
            : since is null || until is null ? "A time is written as 5s, 5m, 1h or 1d."
            : Since.Length > 0 && since <= until ? "The time range is empty: it must begin before it ends."
            : anchor is null || anchor > now || (Before.Length > 0 && !long.TryParse(Before, NumberStyles.None, CultureInfo.InvariantCulture, out before))
                ? "The search cannot go on from there: begin again."
            : "";
        return fault.Length > 0 ? null : new Asked(
            OrNull(Account.Trim()), OrNull(Id.Trim()), OrNull(Verdict), Since.Length == 0 ? null : anchor - since, anchor!.Value - until!.Value,
            Before.Length == 0 ? null : before);
    }

    /// <summary>The same, from a record on, in the range that it had.</summary>
    public SearchInput From(long record, DateTimeOffset now) => this with
    {
        At = At.Length > 0 ? At : now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        Before = record.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Zero if nothing is said; null if it cannot be read.</summary>
    private static TimeSpan? Range(string text) => text.Length == 0 ? TimeSpan.Zero : TimeRange.TryParse(text.Trim());

    private static DateTimeOffset? Instant(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(time)
            : null;

    private static bool IsRequestId(string text)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal);
        return digits.Length == RequestIdDigits && digits.All(char.IsAsciiHexDigit);
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    /// <summary>A question that can be put to the log; what is null is not asked.</summary>
    /// <param name="Until">Always said: the record of the search itself is of no interest to it.</param>
    public sealed record Asked(
        string? Account, string? Id, string? Verdict, DateTimeOffset? Since, DateTimeOffset Until, long? Before);
}
