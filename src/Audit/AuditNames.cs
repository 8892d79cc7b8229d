namespace Passthrough.Audit;

/// <summary>How a log shows names: as pseudonyms, if the site wants it.</summary>
public sealed class AuditNames(AuditPlace place, TimeProvider clock)
{
    private readonly NameHider _names = new(place);

    /// <param name="names">As typed, objectGUIDs as 32 digits, or networks.</param>
    /// <returns>Each as it stands in records that are written now.</returns>
    /// <exception cref="AuditFaultException">The keys cannot be used.</exception>
    public async Task<IReadOnlyList<string>> ShowAsync(IReadOnlyCollection<string> names, CancellationToken cancel)
    {
        try
        {
            using var only = await place.LockAsync(clock, cancel);
            _names.Refresh();
            return [.. names.Select(_names.Hide)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditFaultException($"the keys of the audit log's names cannot be used: {e.Message}", cause: e);
        }
    }
}
