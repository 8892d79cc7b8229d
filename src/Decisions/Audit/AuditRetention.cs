namespace Passthrough.Decisions.Audit;

/// <summary>Which files of a log are past their time. Whole files go, oldest first; the newest stays.</summary>
public static class AuditRetention
{
    /// <summary>A file goes when the one after it began long enough ago: then its last record is that old too.</summary>
    /// <param name="begun">When each file was begun, oldest first; null: it does not say, and it stays with all after it.</param>
    /// <returns>How many of the oldest go.</returns>
    public static int CountOver(IReadOnlyList<DateTimeOffset?> begun, DateTimeOffset now, TimeSpan keep)
    {
        var over = 0;
        while (over + 1 < begun.Count && begun[over + 1] is { } next && next <= now - keep)
        {
            over++;
        }

        return over;
    }
}
