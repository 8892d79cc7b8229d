using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Audit;

/// <summary>What somebody wants to find; what is null is not asked.</summary>
/// <param name="Id">A request id, as it is shown to people.</param>
/// <param name="Account">A name as it is typed, an objectGUID, or a pseudonym as the log shows it.</param>
/// <param name="Verdict">By its name.</param>
/// <param name="Tenant">Whose records alone are looked at.</param>
/// <param name="Before">The number of a record: only those before it.</param>
public sealed record AuditQuestion(
    string? Id = null, string? Account = null, string? Verdict = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null,
    string? Tenant = null, long? Before = null);

/// <summary>What was found, newest first, each as JSON in UTF-8.</summary>
/// <param name="Next">The search ended before everything was looked at: it goes on with <see cref="AuditQuestion.Before"/> this number.
/// Null: there is nothing more.</param>
/// <param name="Back">Then: how far back it came; null if that record does not say.</param>
/// <param name="IsOutOfTime">Then: not because so many records match, but because of its time.</param>
public sealed record AuditFound(IReadOnlyList<byte[]> Records, long? Next, DateTimeOffset? Back, bool IsOutOfTime);

/// <summary>Finds people's records in a log, from its end back: for <c>audit search</c> and for the tenant page. That somebody looks is
/// the caller's to record.</summary>
public sealed class AuditSearch(AuditPlace place, TimeProvider clock)
{
    /// <summary>Records that one search shows at most.</summary>
    public const int MostShown = 10_000;

    /// <param name="atMost">How long it goes on. Looked at between two files, each of which takes less than a second.</param>
    /// <exception cref="AuditFaultException">There is no such verdict, or the log cannot be read.</exception>
    public async Task<AuditFound> RunAsync(AuditQuestion asked, int limit, TimeSpan atMost, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        var query = await ReadAsync(asked, cancel);
        var (segments, newest, _) = await AuditReader.LookAsync(place, clock, cancel);
        var found = new List<byte[]>();
        DateTimeOffset? readBack = null;
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            var (segment, isNewest) = (segments[i], i == segments.Count - 1);
            if (!isNewest && query.Since is { } since && segments[i + 1].Beginning()?.Begun < since)
            {
                break;
            }

            if (query.Before <= segment.First || query.Until < segment.Beginning()?.Begun)
            {
                continue;
            }

            if (readBack is not null && clock.GetElapsedTime(begun) >= atMost)
            {
                return new AuditFound(found, segments[i + 1].First, readBack, IsOutOfTime: true);
            }

            found.AddRange(Newest(isNewest ? newest : segment.Read(), query, limit + 1 - found.Count, cancel));
            readBack = segment.Beginning()?.Begun ?? readBack ?? clock.GetUtcNow();
            if (found.Count > limit)
            {
                found.RemoveAt(limit);
                return new AuditFound(found, AuditFields.Number(found[^1], "n"), AuditFields.At(found[^1]), IsOutOfTime: false);
            }
        }

        return new AuditFound(found, null, null, IsOutOfTime: false);
    }

    /// <summary>The record of a search itself: who, and for what. The account has a place of its own, where it is a pseudonym.</summary>
    public static AuditEntry.Act Act(DateTimeOffset at, string by, string what, AuditQuestion asked)
    {
        var account = asked.Account?.Trim();
        var isShown = account is not null && PseudonymTree.IsPseudonym(account);
        string?[] words =
        [
            what, asked.Id is { } id ? $"--id {id}" : null, isShown ? $"--account {account}" : null, asked.Verdict is { } verdict ? $"--verdict {verdict}" : null,
        ];
        return new AuditEntry.Act(at, by, string.Join(' ', words.OfType<string>()), "done")
        {
            Account = account is null || isShown ? null : Plain(account),
            Tenant = asked.Tenant,
        };
    }

    /// <summary>As the log keeps names, and object ids.</summary>
    internal static string Plain(string text) => Guid.TryParse(text, out var objectGuid) ? objectGuid.ToString("n") : text.Trim().ToLowerInvariant();

    private async Task<AuditQuery> ReadAsync(AuditQuestion asked, CancellationToken cancel)
    {
        if (asked.Verdict is { } verdict && !VerdictTable.Rows.Any(row => row.Verdict.ToString() == verdict))
        {
            throw new AuditFaultException($"there is no verdict '{verdict}': docs/VERDICTS.md lists them");
        }

        return new AuditQuery(
            asked.Id?.Trim().ToLowerInvariant().Replace("-", "", StringComparison.Ordinal),
            asked.Account is { } account ? await NamesOfAsync(account.Trim(), cancel) : null,
            asked.Verdict, asked.Since, asked.Until, asked.Tenant, asked.Before);
    }

    private async Task<string[]> NamesOfAsync(string account, CancellationToken cancel)
    {
        if (PseudonymTree.IsPseudonym(account))
        {
            return [account];
        }

        var plain = Plain(account);
        return place.Options.Pseudonyms ? [plain, .. await new AuditNames(place, clock).ShowAsync([plain], cancel)] : [plain];
    }

    private static List<byte[]> Newest(byte[] bytes, AuditQuery query, int most, CancellationToken cancel)
    {
        var last = new Queue<ReadOnlyMemory<byte>>();
        for (var at = 0; at < bytes.Length;)
        {
            cancel.ThrowIfCancellationRequested();
            var json = AuditReader.Next(bytes, ref at);
            if (query.Matches(json.Span) && !AuditText.IsOwn(json.Span))
            {
                last.Enqueue(json);
                if (last.Count > most)
                {
                    last.Dequeue();
                }
            }
        }

        return [.. last.Reverse().Select(json => json.ToArray())];
    }
}
