using LinqToDB.Data;
using Microsoft.Data.Sqlite;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;

namespace Passthrough.Agent.Tests.Hosting;

public sealed class JournalDatabaseTests
{
    [Fact]
    public async Task A_new_journal_is_its_owners_alone_and_logs_ahead_of_its_writes()
    {
        using var folder = new ScratchDirectory();
        var path = folder.File("a journal; with 'odd' letters.db");

        await JournalDatabase.PrepareAsync(new JournalOptions { Path = path }, default);
        await JournalDatabase.PrepareAsync(new JournalOptions { Path = path }, default);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal("wal", new JournalFile(path).Scalar("PRAGMA journal_mode"));
        SqliteConnection.ClearAllPools();
    }

    [Fact]
    public async Task Every_connection_of_the_journal_flushes_at_each_commit()
    {
        using var folder = new ScratchDirectory();
        var options = new JournalOptions { Path = folder.File("journal.db") };
        await JournalDatabase.PrepareAsync(options, default);

        for (var connection = 0; connection < 2; connection++)
        {
            using var db = new DataConnection(JournalDatabase.Connect(options));
            Assert.Equal(2L, await db.ExecuteAsync<long>("PRAGMA synchronous"));
            Assert.Equal(4000L, db.Execute<long>("PRAGMA busy_timeout"));
        }
    }

    [Fact]
    public async Task A_table_that_takes_two_writers_is_refused()
    {
        using var folder = new ScratchDirectory();
        var path = folder.File("journal.db");
        await JournalDatabase.PrepareAsync(new JournalOptions { Path = path }, default);
        new JournalFile(path).Scalar("""
            DROP TABLE journal;
            CREATE TABLE journal (ordering INTEGER PRIMARY KEY, persistence_id TEXT, sequence_number INTEGER UNIQUE);
            CREATE INDEX journal_not_unique ON journal (persistence_id, sequence_number);
            """);

        var fault = await Refused(path);

        Assert.Contains("UNIQUE(persistence_id, sequence_number)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_database_is_refused_and_left_alone()
    {
        using var folder = new ScratchDirectory();
        var path = folder.File("journal.db");
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("not a database\n", 100)));

        await Refused(path);

        Assert.StartsWith("not a database", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_is_named()
    {
        using var folder = new ScratchDirectory();
        var path = Path.Combine(folder.Path, "missing", "journal.db");

        Assert.Contains(path, (await Refused(path)).Message, StringComparison.Ordinal);
    }

    private static async Task<ClusterStartException> Refused(string path)
    {
        var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(new JournalOptions { Path = path }, default));
        Assert.DoesNotContain('\n', fault.Message);
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        return fault;
    }
}
