using Npgsql;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

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
    public async Task A_refusal_of_the_server_is_a_fault_of_the_configuration_and_an_agent_that_may_not_make_tables_uses_those_of_the_script()
    {
        await using var server = await PostgreSql.MakeAsync();
        await MayNotMakeTablesAsync(server);

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
    public async Task A_server_with_a_certificate_of_its_own_CA_is_trusted_and_no_other()
    {
        using var authority = new TestAuthority();
        using var strangers = new TestAuthority("Strangers");
        using var certificate = authority.ForServer();
        await using var server = await PostgreSql.MakeAsync(certificate);
        var reached = $"Host=localhost;Port={server.Port};Database=postgres;Username=postgres;SSL Mode=VerifyFull;Root Certificate=";

        await JournalDatabase.PrepareAsync(Options(reached + Pem(authority)), default);
        await using var connection = PostgreSqlJournal.Connection(Options(reached + Pem(authority)));
        await connection.OpenAsync();
        Assert.Equal(true, await connection.ScalarAsync("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", default));

        foreach (var other in (string[])[reached + Pem(strangers), reached.Replace("localhost", "127.0.0.2", StringComparison.Ordinal) + Pem(authority)])
        {
            var fault = await Assert.ThrowsAnyAsync<Exception>(() => JournalDatabase.PrepareAsync(Options(other), default));
            Assert.True(fault is ClusterStartException or JournalUnavailableException, fault.ToString());
        }

        var wrong = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(Options(reached + Pem(strangers)), default));
        Assert.Contains("is not trusted", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db.example;Database=passthrough", "VerifyFull")]
    [InlineData("Host=10.0.0.7;Database=passthrough", "VerifyFull")]
    [InlineData("Host=db.example;Database=passthrough;SSL Mode=Require", "Require")]
    [InlineData("Host=db.example;Database=passthrough;SslMode=VerifyCA", "VerifyCA")]
    [InlineData("Host=/run/postgresql;Database=passthrough", "Prefer")]
    [InlineData("Host=::1;Database=passthrough", "Prefer")]
    public void A_server_elsewhere_must_prove_its_name_unless_the_site_says_otherwise(string text, string mode)
    {
        using var connection = PostgreSqlJournal.Connection(Options(text));
        Assert.Equal(mode, new NpgsqlConnectionStringBuilder(connection.ConnectionString).SslMode.ToString());
    }

    [Fact]
    public void The_options_name_what_is_missing() => Assert.Equal(
        ["ConnectionStringFile is empty: must be the full path of the file that holds the connection string"],
        new JournalOptions { Provider = JournalProvider.PostgreSql }.Faults());

    public void Dispose() => _folder.Dispose();

    /// <summary>As docs/INSTALL.md has it: an administrator runs the script, and the agent may only use what it made.</summary>
    private async Task MayNotMakeTablesAsync(PostgreSql server)
    {
        server.Scalar("CREATE ROLE \"the agent\" LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var options = Options(server.ConnectionString.Replace("Username=postgres", "Username=the agent", StringComparison.Ordinal));

        var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(options, default));
        Assert.Contains("may not make tables: have its administrator run what passthrough-agent journal schema", fault.Message, StringComparison.Ordinal);

        server.Scalar(await ScriptAsync());
        fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(options, default));
        Assert.Contains("does not give its user ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("INSERT on lockout_slot", fault.Message, StringComparison.Ordinal);

        server.Scalar(await ScriptAsync("--role", "the agent"));
        var anna = AccountKey.TryCreate("corp.example", Guid.NewGuid())!;
        var policy = new LockoutPolicy { Budget = 2, LockTime = TimeSpan.FromHours(1) };
        await using var node = await TestNode.StartAsync(options, policy, patience: TimeSpan.FromSeconds(60));
        await Permits.FailAsync(node, anna);
        await Permits.FailAsync(node, anna);
        Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, anna));
    }

    private static async Task<string> ScriptAsync(params string[] role)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await new AgentCommand(new Dictionary<string, string>(), TimeProvider.System, output, output).RunAsync(["journal", "schema", .. role]));
        return output.ToString();
    }

    private string Pem(TestAuthority authority)
    {
        var file = _folder.File($"{authority.Certificate.Thumbprint}.pem");
        File.WriteAllText(file, authority.Certificate.ExportCertificatePem());
        return file;
    }

    private JournalOptions Options(string connection) => PostgreSql.Journal(_folder.File("connection"), connection);
}
