using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>What the journal's database committed and when, by logical decoding of its write-ahead log, which holds everything; and what it
/// holds, read with the product's own forms.</summary>
internal sealed partial class JournalRecord(PostgreSql database)
{
    private const string Slot = "histories";

    private readonly LockoutEventSerializer _serializer = new(null!);
    private readonly List<Cleared> _cleared = [];

    /// <summary>Of all that was read.</summary>
    public IReadOnlyCollection<Cleared> Cleared => _cleared;

    /// <summary>What is committed from here on is recorded.</summary>
    public void Begin() => database.Scalar($"SELECT pg_create_logical_replication_slot('{Slot}', 'test_decoding')");

    /// <summary>What was committed since the last call.</summary>
    public ImmutableArray<Stored> Read()
    {
        var stored = ImmutableArray.CreateBuilder<Stored>();
        List<string> changes = [];
        foreach (var row in Rows($"SELECT data FROM pg_logical_slot_get_changes('{Slot}', NULL, NULL, 'include-timestamp', '1', 'skip-empty-xacts', '1')"))
        {
            var text = row.GetString(0);
            if (Commit().Match(text) is { Success: true } commit)
            {
                var at = DateTimeOffset.Parse(commit.Groups[1].Value, CultureInfo.InvariantCulture);
                stored.AddRange(changes.Select(change => Read(change, at)).OfType<Stored>());
                changes.Clear();
            }
            else
            {
                changes.Add(text);
            }
        }

        return stored.ToImmutable();
    }

    /// <summary>Failures, open charges and slots that were not counted yet of everybody who has any, in the class of sources that are
    /// not familiar.</summary>
    public ImmutableDictionary<int, int> Counted()
    {
        var snapshots = Rows("SELECT DISTINCT ON (persistence_id) persistence_id, sequence_number, manifest, snapshot FROM snapshot ORDER BY persistence_id, sequence_number DESC")
            .Select(row => (Ledger: row.GetString(0), Number: row.GetInt64(1), What: (LedgerState)_serializer.FromBinary((byte[])row[3], row.GetString(2))))
            .ToDictionary(snapshot => snapshot.Ledger);
        var ledgers = snapshots.ToDictionary(snapshot => snapshot.Key, snapshot => snapshot.Value.What);
        foreach (var row in Rows("SELECT persistence_id, sequence_number, manifest, message FROM journal ORDER BY persistence_id, sequence_number"))
        {
            var (ledger, number) = (row.GetString(0), row.GetInt64(1));
            if (!snapshots.TryGetValue(ledger, out var before) || number > before.Number)
            {
                ledgers[ledger] = LedgerState.Apply(
                    ledgers.GetValueOrDefault(ledger, LedgerState.Empty), (IEvent)_serializer.FromBinary((byte[])row[3], row.GetString(2)));
            }
        }

        var uncounted = Rows("SELECT account FROM lockout_slot WHERE is_counted = 0 AND class = 0").Select(row => AccountKey.TryParse(row.GetString(0))!);
        return ledgers.Values.SelectMany(ledger => ledger.Entries)
            .Select(entry => (Account: entry.Key, Count: entry.Value.Unfamiliar.Failures + entry.Value.Unfamiliar.Open.Length))
            .Concat(uncounted.Select(account => (Account: account, Count: 1)))
            .Where(entry => PeopleDirectory.PersonOf(entry.Account) is not null)
            .GroupBy(entry => PeopleDirectory.PersonOf(entry.Account)!.Value)
            .ToImmutableDictionary(of => of.Key, of => of.Sum(entry => entry.Count));
    }

    private Stored? Read(string change, DateTimeOffset at)
    {
        if (SlotTaken().Match(change) is { Success: true } slot)
        {
            return Of(AccountKey.TryParse(slot.Groups[1].Value)!, unchecked((ulong)long.Parse(slot.Groups[2].Value, CultureInfo.InvariantCulture)), 0);
        }

        if (Event().Match(change) is not { Success: true } written)
        {
            return null;
        }

        return _serializer.FromBinary(Convert.FromHexString(written.Groups[2].Value), written.Groups[3].Value) switch
        {
            // Of the charges that are assumed, one in each class, one counts.
            ChargeOpened { Permit: AssumedPermit, Class: SourceClass.Familiar } => null,
            ChargeOpened e => Of(e.Account, e.Permit, e.Permit == AssumedPermit ? long.Parse(written.Groups[1].Value, CultureInfo.InvariantCulture) : 0),
            ChargeFailed { Permit: not AssumedPermit } e => Of(e.Account, e.Permit, 0),
            SignInSucceeded { Class: SourceClass.Unfamiliar } e => Clears(e.Account),
            _ => null,
        };

        Stored? Clears(AccountKey account)
        {
            if (PeopleDirectory.PersonOf(account) is { } person)
            {
                _cleared.Add(new Cleared(person, at));
            }

            return null;
        }

        Stored? Of(AccountKey account, ulong permit, long sequence) =>
            PeopleDirectory.PersonOf(account) is { } person ? new Stored(person, permit, at, sequence) : null;
    }

    private IEnumerable<NpgsqlDataReader> Rows(string sql)
    {
        using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // Only the constants above.
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return rows;
        }
    }

    [GeneratedRegex(@"^COMMIT \d+ \(at (.*)\)$")]
    private static partial Regex Commit();

    [GeneratedRegex(@"^table public\.lockout_slot: INSERT: account\[[^]]*\]:'([^']*)' .* permit\[bigint\]:(-?\d+)")]
    private static partial Regex SlotTaken();

    [GeneratedRegex(@"^table public\.journal: INSERT: ordering\[bigint\]:(\d+) .* message\[bytea\]:'\\x([0-9a-f]*)' manifest\[[^]]*\]:'([^']*)'")]
    private static partial Regex Event();
}
