using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Lockout;
using SQLitePCL;

namespace Passthrough.Agent.Hosting;

/// <summary><c>passthrough-agent journal move</c>: everything that a SQLite journal holds goes to an empty PostgreSQL, in one
/// transaction there. Broken off at any moment, it leaves nothing there and can be run again; run again after it was finished, it
/// says so and changes nothing.</summary>
internal sealed class JournalMove(string path, JournalOptions target, LockoutPolicy policy, TimeProvider clock, TextWriter output)
{
    /// <summary>With one statement at PostgreSQL, and with the program that holds its lock.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    private static readonly Table[] Tables =
    [
        new("journal", "ordering",
        [
            ("created", NpgsqlDbType.Bigint), ("deleted", NpgsqlDbType.Boolean), ("persistence_id", NpgsqlDbType.Varchar),
            ("sequence_number", NpgsqlDbType.Bigint), ("message", NpgsqlDbType.Bytea), ("manifest", NpgsqlDbType.Varchar),
            ("identifier", NpgsqlDbType.Integer), ("tags", NpgsqlDbType.Varchar), ("writer_uuid", NpgsqlDbType.Varchar),
        ]),
        new("snapshot", "sequence_number",
        [
            ("created", NpgsqlDbType.Bigint), ("persistence_id", NpgsqlDbType.Varchar), ("sequence_number", NpgsqlDbType.Bigint),
            ("manifest", NpgsqlDbType.Varchar), ("snapshot", NpgsqlDbType.Bytea), ("serializer_id", NpgsqlDbType.Integer),
        ]),
    ];

    /// <exception cref="StartFaultException">It was not moved; one line says why and what to do.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            if (!File.Exists(path))
            {
                throw Fault($"there is no journal {path} to move");
            }

            await using var from = MovedJournal.Open(path);
            await from.OpenAsync(cancel);
            Lock(from);
            await using var to = PostgreSqlJournal.Connection(target, Patience, out var where);
            await to.OpenAsync(cancel);
            await using var transaction = await to.BeginTransactionAsync(cancel);
            await MoveAsync(from, to, transaction, where, cancel);
        }
        catch (ClusterStartException fault)
        {
            throw Fault(fault.Message, fault);
        }
        catch (SqliteException fault)
        {
            throw Fault(
                fault.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED
                    ? $"another program has the journal {path} open: stop every agent of this machine that uses it"
                    : $"the journal {path} cannot be moved: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw Fault($"the journal {path} was not moved, PostgreSQL says: {fault.GetBaseException().Message}; run the command again", fault);
        }
    }

    /// <summary>Nobody else has the file open from here on: an agent that runs would count on in what is left behind.</summary>
    private static void Lock(SqliteConnection from)
    {
        MovedJournal.Run(from, "PRAGMA locking_mode = EXCLUSIVE");
        MovedJournal.Run(from, "PRAGMA synchronous = FULL");
        MovedJournal.Run(from, "BEGIN EXCLUSIVE");
    }

    private async Task MoveAsync(SqliteConnection from, NpgsqlConnection to, NpgsqlTransaction transaction, string where, CancellationToken cancel)
    {
        await PostgreSqlSchema.EnsureAsync(to, where, cancel, isInTransaction: true);
        // Whoever wants to write waits until it is decided.
        await to.ScalarAsync("LOCK TABLE journal_identity, journal, snapshot, lockout_slot IN SHARE ROW EXCLUSIVE MODE", cancel);
        if (MovedJournal.Read(from) is { } before && before.Identity == await PostgreSqlJournal.IdentityAsync(to, cancel))
        {
            await output.WriteLineAsync($"{path} was moved to {before.To} at {before.At:u} already. Nothing was changed");
            return;
        }

        foreach (var name in (string[])["journal", "snapshot", "lockout_slot"])
        {
            if (await to.ScalarAsync($"SELECT count(*) FROM {name}", cancel) is > 0L and var rows)
            {
                throw Fault($"{where} is in use: its table '{name}' has {rows} rows. Give an empty database or schema; of several journals only one can be moved");
            }
        }

        foreach (var table in Tables)
        {
            var (copied, arrived) = (await CopyAsync(from, to, table, cancel), await ReadBackAsync(to, table, cancel));
            if (copied.FirstDifference(arrived) is { } different)
            {
                throw Fault($"what arrived of '{different}' in table '{table.Name}' of {where} is not what was sent: nothing was moved");
            }

            await output.WriteLineAsync($"{table.Name}: {copied.Rows} rows of {copied.Ledgers} ledgers are there, each ledger compared");
        }

        var slots = await new MovedSlots(to, policy, clock).TakeAsync(cancel);
        await output.WriteLineAsync($"lockout_slot: {slots} slots are taken for the last failures of accounts that are locked or nearly so");
        var moved = new MovedJournal(where, Guid.NewGuid(), clock.GetUtcNow());
        await using var identify = new NpgsqlCommand("UPDATE journal_identity SET id = $1", to) { Parameters = { new() { Value = $"{moved.Identity:N}" } } };
        await identify.ExecuteNonQueryAsync(cancel);
        // The mark first: whatever happens before the next line is done, no agent counts in either journal until this was run again.
        moved.Write(from);
        MovedJournal.Run(from, "COMMIT");
        await transaction.CommitAsync(CancellationToken.None);
        await output.WriteLineAsync($"Moved {path} to {where}. The file stays as it is, and no agent uses it any more");
    }

    private async Task<JournalDigest> CopyAsync(SqliteConnection from, NpgsqlConnection to, Table table, CancellationToken cancel)
    {
        var all = (long)MovedJournal.Run(from, $"SELECT count(*) FROM {table.Name}")!;
        var digest = new JournalDigest(table.PersistenceIdAt);
        var told = clock.GetTimestamp();
        await using var read = from.CreateCommand();
        read.CommandText = table.Select;
        await using var rows = await read.ExecuteReaderAsync(cancel);
        await using var import = await to.BeginBinaryImportAsync($"COPY {table.Name} ({table.Names}) FROM STDIN (FORMAT BINARY)", cancel);
        while (await rows.ReadAsync(cancel))
        {
            var values = Values(rows);
            digest.Add(values);
            await import.StartRowAsync(cancel);
            for (var i = 0; i < values.Length; i++)
            {
                await WriteAsync(import, values[i], table.Columns[i].Type, cancel);
            }

            if (clock.GetElapsedTime(told) > ProgressInterval)
            {
                told = clock.GetTimestamp();
                await output.WriteLineAsync($"{table.Name}: {digest.Rows} of {all} rows");
            }
        }

        await import.CompleteAsync(cancel);
        return digest;
    }

    private static async Task<JournalDigest> ReadBackAsync(NpgsqlConnection to, Table table, CancellationToken cancel)
    {
        var digest = new JournalDigest(table.PersistenceIdAt);
        await using var read = to.CreateCommand();
        read.CommandText = table.Select;
        await using var rows = await read.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            digest.Add(Values(rows));
        }

        return digest;
    }

    private static object?[] Values(DbDataReader row)
    {
        var values = new object?[row.FieldCount];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = row.GetValue(i) switch
            {
                DBNull => null,
                bool truth => truth ? 1L : 0L,
                int number => (long)number,
                var other => other,
            };
        }

        return values;
    }

    private static Task WriteAsync(NpgsqlBinaryImporter import, object? value, NpgsqlDbType type, CancellationToken cancel) => (value, type) switch
    {
        (null, _) => import.WriteNullAsync(cancel),
        (long truth, NpgsqlDbType.Boolean) => import.WriteAsync(truth != 0, type, cancel),
        (long number, NpgsqlDbType.Integer) => import.WriteAsync(checked((int)number), type, cancel),
        (long number, _) => import.WriteAsync(number, type, cancel),
        (byte[] bytes, _) => import.WriteAsync(bytes, type, cancel),
        _ => import.WriteAsync((string)value, type, cancel),
    };

    private static StartFaultException Fault(string message, Exception? cause = null) => new(FaultKind.JournalNotMoved, message, cause);

    /// <param name="Order">What keeps the order of each ledger's rows in both databases.</param>
    private sealed record Table(string Name, string Order, (string Name, NpgsqlDbType Type)[] Columns)
    {
        public string Names => string.Join(", ", Columns.Select(column => column.Name));

        public string Select => $"SELECT {Names} FROM {Name} ORDER BY {Order}";

        public int PersistenceIdAt => Array.FindIndex(Columns, column => column.Name == "persistence_id");
    }
}
