using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Hosting;

/// <summary><c>passthrough-agent journal move</c>: a real SQLite file, a real PostgreSQL, and a process that is killed.</summary>
public sealed class JournalMoveTests(JournalMoveTests.Server server) : IClassFixture<JournalMoveTests.Server>, IDisposable
{
    /// <summary>Of the test's sessions: while it is held, the server waits where a test wants it to.</summary>
    private const int Gate = 99;

    private static readonly LockoutPolicy Policy = new() { Budget = 5, LockTime = TimeSpan.FromHours(1) };

    private static readonly string Page = File.ReadAllText(Path.Combine(ConfigurationPageTests.Root(), "docs", "INSTALL.md"));

    private readonly ScratchDirectory _state = new();
    private readonly PostgreSql _server = server.Value;
    private readonly string _database = server.Value.NewDatabase();

    private string Sqlite => _state.File("journal.db");

    private JournalOptions Target => PostgreSql.Journal(_state.File("postgresql"), _server.ConnectionStringTo(_database));

    /// <summary>Of an agent whose journal was in SQLite: its file is where it was.</summary>
    private JournalOptions Afterwards
    {
        get
        {
            var target = Target;
            target.Path = Sqlite;
            return target;
        }
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _state.Dispose();
    }

    [Fact]
    public async Task Locks_and_counts_are_the_same_after_the_move()
    {
        var (locked, failed) = (AccountKey.TryCreate("corp.example", Guid.NewGuid())!, AccountKey.TryCreate("corp.example", Guid.NewGuid())!);
        await using (var node = await TestNode.StartAsync(Sqlite, Policy))
        {
            await FailAsync(node, locked, 5);
            await FailAsync(node, failed, 2);
            Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, locked));
        }

        SqliteConnection.ClearAllPools();

        // Nothing but what the file had: also what wrote it, and under which manifests.
        var expected = new JournalFile(Sqlite).Scalar(
            "SELECT group_concat(persistence_id || sequence_number || manifest || identifier || hex(message), ',') FROM (SELECT * FROM journal ORDER BY ordering)");
        var (code, output, error) = await MoveAsync();
        Assert.True(code == 0, error);
        Assert.Contains("ledgers are there, each ledger compared", output, StringComparison.Ordinal);
        Assert.Equal(expected, InTarget(
            "SELECT string_agg(persistence_id || sequence_number || manifest || identifier || upper(encode(message, 'hex')), ',' ORDER BY ordering) FROM journal"));

        // Nobody gets an interim permit for who is locked, whoever owns the account.
        var escrow = new Escrow(Target, NullLogger<Escrow>.Instance);
        Assert.Equal((2L, 2L), (InTarget($"SELECT count(*) FROM lockout_slot WHERE account = '{locked}'"), InTarget("SELECT count(*) FROM lockout_slot")));
        Assert.False(await escrow.TakeInterimAsync(locked, 7, Policy.HeldBack(), DateTimeOffset.MaxValue, TimeSpan.FromSeconds(30)));

        await using (var node = await TestNode.StartAsync(Afterwards, Policy, patience: TimeSpan.FromSeconds(60)))
        {
            await IsLockedAsync(node, locked);
            await FailAsync(node, failed, 3);
            await IsLockedAsync(node, failed);
        }

        (code, output, _) = await MoveAsync();
        Assert.Equal((0, true), (code, output.Contains("already. Nothing was changed", StringComparison.Ordinal)));
        Assert.Equal(2, (await RunAsync("audit", "search")).Output.Split($"what=journal move --to {Target.ConnectionStringFile}  result=done").Length - 1);
        var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(new JournalOptions { Path = Sqlite }, default));
        Assert.Contains("was moved to the journal in PostgreSQL", fault.Message, StringComparison.Ordinal);
        Assert.Throws<SqliteException>(() => new JournalFile(Sqlite).Scalar("INSERT INTO journal SELECT 100000, created, deleted, 'x', 1, message, manifest, identifier, tags, writer_uuid FROM journal LIMIT 1"));

        new JournalFile(Sqlite).Scalar(Regex.Match(Page, "sqlite3 /var/lib/passthrough-agent/journal.db \"(?<sql>[^\"]+)\"").Groups["sql"].Value);
        await JournalDatabase.PrepareAsync(new JournalOptions { Path = Sqlite }, default);
    }

    [Fact]
    public async Task Killed_while_it_copies_it_has_moved_nothing_and_the_agent_goes_on_where_it_was()
    {
        await FillAsync(20_000);
        StopAt("BEFORE INSERT ON journal FOR EACH ROW WHEN (NEW.sequence_number = 77)", "");

        await KillAtGateAsync(isRolledBack: false);

        Assert.Equal(0L, InTarget("SELECT count(*) FROM journal"));
        await JournalDatabase.PrepareAsync(new JournalOptions { Path = Sqlite }, default);
        SqliteConnection.ClearAllPools();
        var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(Afterwards, default));
        Assert.Contains("run passthrough-agent journal move --to FILE", fault.Message, StringComparison.Ordinal);
        await MovesAsync(20_000);
    }

    /// <summary>At that moment the file is marked already.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_the_last_moment_nobody_counts_from_nothing_until_it_was_run_again(bool isRolledBack)
    {
        await FillAsync(1_000);
        StopAt("AFTER UPDATE ON journal_identity DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", "CONSTRAINT");

        await KillAtGateAsync(isRolledBack);

        await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(new JournalOptions { Path = Sqlite }, default));
        SqliteConnection.ClearAllPools();
        if (isRolledBack)
        {
            Assert.Equal(0L, InTarget("SELECT count(*) FROM journal"));
            var fault = await Assert.ThrowsAsync<ClusterStartException>(() => JournalDatabase.PrepareAsync(Afterwards, default));
            Assert.Contains("broken off, run again", fault.Message, StringComparison.Ordinal);
        }

        await MovesAsync(1_000);
    }

    [Fact]
    public async Task What_arrives_changed_is_not_taken()
    {
        await FillAsync(100);
        await JournalDatabase.PrepareAsync(Target, default);
        InTarget("""
            CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.message := '\x00'; RETURN NEW; END $$;
            CREATE TRIGGER change BEFORE INSERT ON journal FOR EACH ROW WHEN (NEW.persistence_id = 'lockout-ledger-3' AND NEW.sequence_number = 1)
              EXECUTE FUNCTION change();
            """);

        await RefusedAsync("what arrived of 'lockout-ledger-3' in table 'journal'");

        Assert.Equal(0L, InTarget("SELECT count(*) FROM journal"));
        await JournalDatabase.PrepareAsync(new JournalOptions { Path = Sqlite }, default);
    }

    [Fact]
    public async Task A_target_that_is_in_use_and_a_source_that_is_not_there_or_in_use_are_refused()
    {
        await RefusedAsync($"there is no journal {Sqlite}");
        await FillAsync(10);
        using (StateLock.Take(_state.Path))
        {
            var (code, _, error) = await MoveAsync();
            Assert.Equal((int)FaultKind.AlreadyRunning, code);
            Assert.Contains("another agent runs", error, StringComparison.Ordinal);
        }

        await using (var another = MovedJournal.Open(Sqlite))
        {
            another.Open();
            MovedJournal.Run(another, "SELECT count(*) FROM journal");
            await RefusedAsync("stop every agent of this machine");
        }

        await JournalDatabase.PrepareAsync(Target, default);
        InTarget("INSERT INTO snapshot VALUES ('lockout-ledger-1', 1, 1, 'ledger/1', NULL, 7401)");
        await RefusedAsync("its table 'snapshot' has 1 rows");
    }

    /// <summary>Sooner or later by who owns the account, and never granted.</summary>
    private static Task IsLockedAsync(TestNode node, AccountKey account) => Wait.UntilAsync(async () =>
    {
        var answer = await Permits.AskAsync(node, account);
        Assert.IsNotType<PermitAnswer.Granted>(answer);
        return answer is PermitAnswer.Locked;
    });

    private object? InTarget(string sql) => _server.Scalar(sql, _database);

    private static async Task FailAsync(TestNode node, AccountKey account, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Permits.FailAsync(node, account);
        }
    }

    /// <summary>A journal of a hundred ledgers.</summary>
    private async Task FillAsync(int events)
    {
        await JournalDatabase.PrepareAsync(new JournalOptions { Path = Sqlite }, default);
        new JournalFile(Sqlite).Scalar($"""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {events} - 1)
            INSERT INTO journal SELECT NULL, i, 0, 'lockout-ledger-' || (i % 100), 1 + i / 100, randomblob(100), 'charge-failed/1', 7401, NULL, 'w' FROM n;
            INSERT INTO snapshot SELECT persistence_id, 1, 7, 'ledger/1', randomblob(1000), 7401 FROM journal WHERE sequence_number = 1 AND ordering % 2 = 0;
            """);
        SqliteConnection.ClearAllPools();
    }

    /// <summary>Has the server wait for the test at that moment.</summary>
    private void StopAt(string moment, string kind)
    {
        JournalDatabase.PrepareAsync(Target, default).GetAwaiter().GetResult();
        InTarget($"""
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock({Gate}); RETURN NEW; END $$;
            CREATE {kind} TRIGGER wait {moment} EXECUTE FUNCTION wait();
            """);
    }

    private async Task KillAtGateAsync(bool isRolledBack)
    {
        const string waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 99 AND NOT granted";
        await using (var gate = PostgreSqlJournal.Connection(Target))
        {
            await gate.OpenAsync();
            await gate.ScalarAsync($"SELECT pg_advisory_lock({Gate})", default);
            using var process = Process.Start(new ProcessStartInfo(
                "dotnet", [Path.Combine(AppContext.BaseDirectory, "passthrough-agent.dll"), "journal", "move", "--to", Target.ConnectionStringFile])
            {
                Environment = { ["PASSTHROUGH_AGENT__StateDirectory"] = _state.Path },
            })!;
            await Wait.UntilAsync(() => process.HasExited
                ? throw new InvalidOperationException($"it ended with {process.ExitCode.ToString(CultureInfo.InvariantCulture)}")
                : InTarget(waiting) is 1L);
            process.Kill();
            await process.WaitForExitAsync();
            if (isRolledBack)
            {
                InTarget("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 99 AND NOT granted");
                await Wait.UntilAsync(() => InTarget(waiting) is 0L);
            }

            await gate.ScalarAsync($"SELECT pg_advisory_unlock({Gate})", default);
        }

        await Wait.UntilAsync(() => InTarget("SELECT count(*) FROM pg_locks WHERE relation = 'journal'::regclass AND mode = 'ShareRowExclusiveLock'") is 0L);
    }

    private async Task MovesAsync(int events)
    {
        var (code, _, error) = await MoveAsync();
        Assert.True(code == 0, error);
        Assert.Equal((long)events, InTarget("SELECT count(*) FROM journal"));
        Assert.Equal(50L, InTarget("SELECT count(*) FROM snapshot"));
        await JournalDatabase.PrepareAsync(Afterwards, default);
    }

    private async Task RefusedAsync(string words)
    {
        var (code, _, error) = await MoveAsync();
        Assert.Equal((int)FaultKind.JournalNotMoved, code);
        Assert.Contains(words, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    /// <summary>By the page's command.</summary>
    private async Task<(int Code, string Output, string Error)> MoveAsync()
    {
        var command = Regex.Match(Page, "^passthrough-agent (journal move .*)$", RegexOptions.Multiline).Groups[1].Value;
        return await RunAsync([.. command.Split(' ').Select(word => word.StartsWith('/') ? Target.ConnectionStringFile : word)]);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var environment = new Dictionary<string, string>
        {
            ["PASSTHROUGH_AGENT__StateDirectory"] = _state.Path,
            ["PASSTHROUGH_AGENT__Lockout__Budget"] = $"{Policy.Budget}",
        };
        var code = await new AgentCommand(environment, TimeProvider.System, output, error).RunAsync(args).InTime();
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>One for all tests, each of which has a database of its own.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal PostgreSql Value { get; private set; } = null!;

        public async Task InitializeAsync() => Value = await PostgreSql.MakeAsync();

        public async Task DisposeAsync() => await Value.DisposeAsync();
    }
}
