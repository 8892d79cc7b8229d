using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Passthrough.Agent.Hosting;

/// <summary>The mark in a SQLite journal that its content is in PostgreSQL now. What has it takes no event any more, from whichever
/// program. It names the identity that the other journal gets in the very transaction that brings it the content: so a move that
/// was broken off can be told from one that was finished, and nobody counts from nothing in between.</summary>
internal sealed record MovedJournal(string To, Guid Identity, DateTimeOffset At)
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS journal_moved (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), target TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL);
        CREATE TRIGGER IF NOT EXISTS journal_is_moved BEFORE INSERT ON journal WHEN EXISTS (SELECT 1 FROM journal_moved)
          BEGIN SELECT RAISE(ABORT, 'this journal was moved'); END;
        CREATE TRIGGER IF NOT EXISTS snapshot_is_moved BEFORE INSERT ON snapshot WHEN EXISTS (SELECT 1 FROM journal_moved)
          BEGIN SELECT RAISE(ABORT, 'this journal was moved'); END;
        """;

    /// <summary>Part of the caller's transaction.</summary>
    public void Write(SqliteConnection connection)
    {
        Run(connection, Schema);
        Run(connection, "INSERT OR REPLACE INTO journal_moved VALUES (1, $to, $id, $at)",
            ("$to", To), ("$id", $"{Identity:N}"), ("$at", At.ToString("O", CultureInfo.InvariantCulture)));
    }

    /// <summary>Null: it was not moved.</summary>
    public static MovedJournal? Read(SqliteConnection connection)
    {
        if (Run(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'journal_moved'") is not > 0L
            || Run(connection, "SELECT target || char(10) || id || char(10) || at FROM journal_moved") is not string row)
        {
            return null;
        }

        var parts = row.Split('\n');
        return new MovedJournal(
            parts[0], Guid.Parse(parts[1]), DateTimeOffset.Parse(parts[2], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
    }

    /// <summary>Whoever counts in PostgreSQL must not have left failures and locks behind in a file.</summary>
    /// <param name="path">Of the SQLite journal that this agent may have had; empty: none.</param>
    /// <param name="identity">Of the journal in PostgreSQL.</param>
    /// <exception cref="ClusterStartException">It has.</exception>
    public static async Task CheckLeftBehindAsync(string path, Guid identity, string where, CancellationToken cancel)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            await using var connection = Open(path);
            await connection.OpenAsync(cancel);
            var moved = Read(connection);
            if (moved?.Identity != identity
                && Run(connection, "SELECT count(*) FROM sqlite_master WHERE name IN ('journal', 'snapshot')") is 2L
                && Run(connection, "SELECT (SELECT count(*) FROM journal) + (SELECT count(*) FROM snapshot)") is > 0L)
            {
                throw new ClusterStartException(
                    $"failures and locks in {path} are not in {where}: {(moved is null ? "run" : "their move was broken off, run again")} "
                    + "passthrough-agent journal move --to FILE, or, if they may be forgotten, move the file away");
            }
        }
        catch (SqliteException fault)
        {
            throw new ClusterStartException($"the journal {path} of before cannot be read: {fault.Message}; move the file away to forget what is in it", fault);
        }
    }

    /// <summary>A connection of its own, not open yet, to a file that exists.</summary>
    public static SqliteConnection Open(string path) => new(new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWrite,
        Pooling = false,
        DefaultTimeout = (int)JournalDatabase.CommandPatience.TotalSeconds,
    }.ToString());

    public static object? Run(SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constants of this program.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteScalar();
    }
}
