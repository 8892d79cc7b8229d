using System.Globalization;
using System.Text;

namespace Passthrough.Decisions.Audit;

/// <summary>Which records are looked for; what is null is not asked.</summary>
/// <param name="Id">A request id.</param>
/// <param name="Accounts">Names and their pseudonyms, one of which must be the record's account or object.</param>
/// <param name="Verdict">By its name.</param>
/// <param name="Tenant">Whose records alone; what is of no tenant is none of its.</param>
/// <param name="Before">The number of a record: only those before it.</param>
public sealed record AuditQuery(
    string? Id = null, IReadOnlyCollection<string>? Accounts = null, string? Verdict = null, DateTimeOffset? Since = null,
    DateTimeOffset? Until = null, string? Tenant = null, long? Before = null)
{
    private readonly byte[][] _marks = [.. ((string?[])[Id, Verdict, Tenant]).OfType<string>().Select(Encoding.ASCII.GetBytes)];

    /// <summary>The log's own records (heads, files, runs) match only where nothing but a time is asked.</summary>
    public bool Matches(ReadOnlySpan<byte> json)
    {
        foreach (var mark in _marks)
        {
            // Most records are told apart without being read.
            if (json.IndexOf(mark) < 0)
            {
                return false;
            }
        }

        string? id = null, verdict = null, at = null, tenant = null, number = null;
        var isAccount = Accounts is null;
        foreach (var (name, text) in AuditFields.All(json))
        {
            switch (name)
            {
                case "id":
                    id = text;
                    break;
                case "verdict":
                    verdict = text;
                    break;
                case "at":
                    at = text;
                    break;
                case "tenant":
                    tenant = text;
                    break;
                case "n":
                    number = text;
                    break;
                case "account" or "object":
                    isAccount = isAccount || Accounts!.Contains(text);
                    break;
            }
        }

        return isAccount && (Id is null || id == Id) && (Verdict is null || verdict == Verdict) && (Tenant is null || tenant == Tenant)
            && (Before is null || (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < Before))
            && (AuditFields.Instant(at) is not { } when ? Since is null && Until is null
                : (Since is null || when >= Since) && (Until is null || when <= Until));
    }
}
