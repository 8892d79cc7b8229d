using System.Data.Common;
using LinqToDB;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Passthrough.Agent.Hosting;

/// <summary>The journal's SQLite file. Durability: write-ahead log with synchronous=FULL, so the log is flushed to the disk at
/// every commit, and what was confirmed survives a crash of the process, of the operating system and of the power.</summary>
internal static class SqliteJournal
{
    /// <summary>The tables of Akka.Persistence.Sql's default mapping. Of the two constraints the first is what keeps two owners
    /// of one ledger from both counting: the second to write a number is refused.</summary>
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS journal (
          ordering INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          created INTEGER NOT NULL,
          deleted INTEGER NOT NULL,
          persistence_id TEXT NOT NULL,
          sequence_number INTEGER NOT NULL,
          message BLOB NOT NULL,
          manifest TEXT NULL,
          identifier INTEGER NULL,
          tags TEXT NULL,
          writer_uuid TEXT NULL,
          CONSTRAINT journal_one_writer UNIQUE (persistence_id, sequence_number)
        );
        CREATE TABLE IF NOT EXISTS snapshot (
          persistence_id TEXT NOT NULL,
          sequence_number INTEGER NOT NULL,
          created INTEGER NOT NULL,
          manifest TEXT NULL,
          snapshot BLOB NULL,
          serializer_id INTEGER NULL,
          CONSTRAINT snapshot_one_writer PRIMARY KEY (persistence_id, sequence_number)
        );
        CREATE TABLE IF NOT EXISTS journal_identity (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), id TEXT NOT NULL);
        """;

    /// <summary>Makes the file if it is missing (readable by its owner only) and checks that it can be written and refuses a
    /// second writer.</summary>
    /// <exception cref="ClusterStartException">It cannot be used; one line says why and what to do.</exception>
    /// <exception cref="JournalUnavailableException">Not now: the disk is full, read-only or failing, or the file locked.</exception>
    public static async Task<Guid> PrepareAsync(JournalOptions options, CancellationToken cancel)
    {
        try
        {
            CreatePrivately(options.Path);
            await using var connection = new SqliteConnection(ConnectionString(options));
            await connection.OpenAsync(cancel);
            var mode = await ScalarAsync(connection, "PRAGMA journal_mode = WAL", cancel);
            if (mode is not "wal")
            {
                throw new ClusterStartException(
                    $"the journal {options.Path} cannot use a write-ahead log (it stays '{mode}'): put it on a local disk");
            }

            if (MovedJournal.Read(connection) is { } moved)
            {
                throw new ClusterStartException(
                    $"the journal {options.Path} was moved to {moved.To} at {moved.At:u}: set Journal:Provider to PostgreSql and Journal:ConnectionStringFile, as docs/INSTALL.md says");
            }

            await ScalarAsync(connection, Schema, cancel);
            await CheckConstraintAsync(connection, options, cancel);
            const string read = "SELECT id FROM journal_identity";
            var id = await ScalarAsync(connection, read, cancel)
                ?? await ScalarAsync(connection, $"INSERT OR IGNORE INTO journal_identity VALUES (1, lower(hex(randomblob(16)))); {read}", cancel);
            return Guid.Parse((string)id!);
        }
        catch (Exception fault) when (IsPassing(fault))
        {
            throw new JournalUnavailableException($"the journal {options.Path} cannot be used now: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new ClusterStartException($"the journal {options.Path} cannot be used: {fault.Message}", fault);
        }
    }

    /// <summary>What the journal plugin connects with.</summary>
    public static DataOptions Connect(JournalOptions options) =>
        // Without the provider's name the plugin dies of a null reference.
        new DataOptions().UseConnectionString(ProviderName.SQLiteMS, ConnectionString(options)).UseInterceptor(new OnOpen());

    /// <summary>The driver asks a locked file again for the time-out, each time as long as busy_timeout says.</summary>
    private static string ConnectionString(JournalOptions options) => new SqliteConnectionStringBuilder
    {
        DataSource = options.Path,
        Mode = SqliteOpenMode.ReadWrite,
        DefaultTimeout = (int)JournalDatabase.CommandPatience.TotalSeconds,
    }.ToString();

    /// <summary>Result codes by which SQLite says that the disk, or another process, is in the way.</summary>
    private static bool IsPassing(Exception fault) => fault switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode
            is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_FULL,
        IOException => fault is not (FileNotFoundException or DirectoryNotFoundException),
        _ => false,
    };

    private static void CreatePrivately(string path)
    {
        if (!File.Exists(path))
        {
            var mode = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            File.Open(path, mode).Dispose();
        }
    }

    private static async Task CheckConstraintAsync(SqliteConnection connection, JournalOptions options, CancellationToken cancel)
    {
        const string uniqueIndexOnBoth = """
            SELECT count(*) FROM pragma_index_list('journal') AS list
            WHERE list."unique" = 1
              AND (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno))
                  = 'persistence_id,sequence_number'
            """;
        if (await ScalarAsync(connection, uniqueIndexOnBoth, cancel) is not > 0L)
        {
            throw new ClusterStartException(
                $"the journal {options.Path} would let two nodes write one ledger: its table 'journal' lacks UNIQUE(persistence_id, sequence_number). Move the file away; a new one is made");
        }
    }

    private static async Task<object?> ScalarAsync(SqliteConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancel);
    }

    private sealed class OnOpen : ConnectionInterceptor
    {
        /// <summary>The driver is synchronous: without this the journal's writer would never yield, so that nothing could gather
        /// for a batch while it writes.</summary>
        public override async Task ConnectionOpeningAsync(
            ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken) => await Task.Yield();

        public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection) => Set(connection);

        public override Task ConnectionOpenedAsync(
            ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
        {
            Set(connection);
            return Task.CompletedTask;
        }

        /// <summary>Both are properties of a connection, not of the file. Milliseconds that a writer waits for another.</summary>
        private static void Set(DbConnection connection)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 4000";
            command.ExecuteNonQuery();
        }
    }
}
