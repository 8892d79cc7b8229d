using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;

namespace Passthrough.Agent.Tests.Hosting;

public sealed class PostgreSqlJournalTests : IDisposable
{
    private readonly ScratchDirectory _folder = new();

    [Fact]
    public async Task Tables_are_made_once_however_many_nodes_start_and_a_table_that_takes_two_writers_is_refused()
    {
        await using var server = await PostgreSql.MakeAsync();
        var options = Options(server.ConnectionString);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => JournalDatabase.PrepareAsync(options, default)));
        server.Scalar("ALTER TABLE journal DROP CONSTRAINT journal_one_writer; CREATE UNIQUE INDEX one ON journal (persistence_id)");

        var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(options, default));
        Assert.Contains("UNIQUE(persistence_id, sequence_number)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_only_down()
    {
        var fault = await Assert.ThrowsAsync<JournalUnavailableException>(
            () => JournalDatabase.PrepareAsync(Options($"Host={_folder.Path};Database=none;Password=s3cret"), default));
        Assert.Contains("database none", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_the_server_is_a_fault_of_the_configuration()
    {
        await using var server = await PostgreSql.MakeAsync();

        var fault = await Assert.ThrowsAsync<ClusterStartException>(
            () => JournalDatabase.PrepareAsync(Options(server.ConnectionString.Replace("Database=postgres", "Database=other", StringComparison.Ordinal)), default));
        Assert.Contains("\"other\" does not exist", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Password=s3cret;no such thing", "holds no connection string")]
    [InlineData("Password=s3cret", "must name Host and Database")]
    public async Task A_connection_string_that_cannot_be_one_is_named_and_not_shown(string text, string words)
    {
        var options = Options(text);

        var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(options, default));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.Contains(options.ConnectionStringFile, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_others_can_read_is_refused()
    {
        var options = Options("Host=db.example;Database=passthrough");
        File.SetUnixFileMode(options.ConnectionStringFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(options, default));
        Assert.Contains("chmod 600", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_options_name_what_is_missing() => Assert.Equal(
        ["ConnectionStringFile is empty: must be the full path of the file that holds the connection string"],
        new JournalOptions { Provider = JournalProvider.PostgreSql }.Faults());

    public void Dispose() => _folder.Dispose();

    private JournalOptions Options(string connection) => PostgreSql.Journal(_folder.File("connection"), connection);
}
