using System.Data.Common;
using System.Net;
using System.Security.Authentication;
using LinqToDB;
using Npgsql;
using Passthrough.Agent.Enrolment;

namespace Passthrough.Agent.Hosting;

/// <summary>The journal in PostgreSQL. Durable as the server comes: what was confirmed is flushed to its disk.</summary>
internal static class PostgreSqlJournal
{
    /// <inheritdoc cref="JournalDatabase.PrepareAsync"/>
    public static async Task<Guid> PrepareAsync(JournalOptions options, CancellationToken cancel)
    {
        var settings = Settings(options);
        var where = Where(settings);
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancel);
            await PostgreSqlSchema.EnsureAsync(connection, where, cancel);
            await CheckConstraintAsync(connection, where, cancel);
            var identity = await IdentityAsync(connection, cancel);
            await MovedJournal.CheckLeftBehindAsync(options.Path, identity, where, cancel);
            return identity;
        }
        catch (PostgresException refusal) when (!refusal.IsTransient)
        {
            throw new ClusterStartException($"{where} cannot be used: {refusal.MessageText} ({refusal.SqlState})", refusal);
        }
        catch (NpgsqlException fault) when (fault.GetBaseException() is AuthenticationException)
        {
            throw new ClusterStartException(
                $"{where} is not trusted: {fault.GetBaseException().Message}; name its CA in the connection string (Root Certificate=FILE)", fault);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw new JournalUnavailableException($"{where} cannot be used now: {fault.GetBaseException().Message}", fault);
        }
    }

    /// <summary>A connection of its own, not open.</summary>
    public static NpgsqlConnection Connection(JournalOptions options) => new(Settings(options).ConnectionString);

    /// <summary>One for a command that takes its time.</summary>
    /// <param name="patience">With one statement.</param>
    /// <param name="where">Names the database in a message.</param>
    public static NpgsqlConnection Connection(JournalOptions options, TimeSpan patience, out string where)
    {
        var settings = Settings(options);
        where = Where(settings);
        (settings.CommandTimeout, settings.Pooling) = ((int)patience.TotalSeconds, false);
        return new NpgsqlConnection(settings.ConnectionString);
    }

    /// <summary>Of a database that has the tables.</summary>
    public static async Task<Guid> IdentityAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        Guid.Parse((string)(await connection.ScalarAsync("SELECT id FROM journal_identity", cancel))!);

    /// <inheritdoc cref="JournalDatabase.Connect"/>
    public static DataOptions Connect(JournalOptions options) =>
        new DataOptions().UseConnectionString(ProviderName.PostgreSQL15, Settings(options).ConnectionString);

    /// <summary>For what is asked of the database besides the journal.</summary>
    public static NpgsqlDataSource Open(JournalOptions options) => NpgsqlDataSource.Create(Settings(options));

    private static NpgsqlConnectionStringBuilder Settings(JournalOptions options)
    {
        var file = options.ConnectionStringFile;
        try
        {
            if (PrivateFile.Exposed(file))
            {
                throw new ClusterStartException($"others can read the journal's connection string: run chmod 600 {file}");
            }

            var text = File.ReadAllText(file).Trim();
            var settings = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database))
            {
                throw new ClusterStartException($"{file} must name Host and Database: Host=db.example;Database=passthrough;Username=…;Password=…");
            }

            // The driver's own default would take an answer in plain text, and anybody's certificate.
            if (!IsLocal(settings.Host) && !SaysHowToTrust(text))
            {
                settings.SslMode = SslMode.VerifyFull;
            }

            // Whatever the file says: a server that hangs must not hold a ledger's writer for longer.
            var patience = (int)JournalDatabase.CommandPatience.TotalSeconds;
            (settings.Timeout, settings.CommandTimeout, settings.CancellationTimeout) = (patience, patience, -1);
            return settings;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Without the cause's text: it may quote the file.
            throw new ClusterStartException(
                fault is ArgumentException
                    ? $"{file} holds no connection string: Host=db.example;Database=passthrough;Username=…;Password=…"
                    : $"the journal's connection string cannot be read from {file}");
        }
    }

    private static string Where(NpgsqlConnectionStringBuilder settings) =>
        $"the journal in PostgreSQL at {settings.Host}, database {settings.Database}";

    /// <summary>A Unix socket, or this machine.</summary>
    private static bool IsLocal(string host) =>
        host.StartsWith('/') || host is "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool SaysHowToTrust(string text) =>
        new DbConnectionStringBuilder { ConnectionString = text } is var said && (said.ContainsKey("SSL Mode") || said.ContainsKey("SslMode"));

    private static async Task CheckConstraintAsync(NpgsqlConnection connection, string where, CancellationToken cancel)
    {
        const string uniqueIndexOnBoth = """
            SELECT count(*) FROM pg_index
            WHERE indrelid = 'journal'::regclass AND indisunique AND indpred IS NULL
              AND (SELECT string_agg(attname, ',' ORDER BY place) FROM unnest(indkey) WITH ORDINALITY AS keys (attnum, place)
                   JOIN pg_attribute USING (attnum) WHERE attrelid = indrelid)
                  = 'persistence_id,sequence_number'
            """;
        if (await connection.ScalarAsync(uniqueIndexOnBoth, cancel) is not > 0L)
        {
            throw new ClusterStartException(
                $"{where} would let two nodes write one ledger: its table 'journal' lacks UNIQUE(persistence_id, sequence_number). Rename the table; a new one is made");
        }
    }

    /// <param name="sql">A constant of this program.</param>
    public static async Task<object?> ScalarAsync(this NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
#pragma warning disable CA2100 // See above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancel);
    }
}
