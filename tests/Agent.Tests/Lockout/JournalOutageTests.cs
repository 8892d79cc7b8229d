using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Microsoft.Data.Sqlite;
using Npgsql;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Operator;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>People sign in while the journal is down, wrong passwords are counted, and nothing of it is lost when it is
/// back.</summary>
public sealed class JournalOutageTests : IDisposable
{
    private static readonly LockoutPolicy Policy = new() { Budget = 6, LockTime = TimeSpan.FromHours(1) };
    private static readonly AccountKey Anna = Person(1);
    private static readonly AccountKey Ben = Person(2);

    private readonly ScratchDirectory _folder = new();
    private readonly StringWriter _log = new();

    [Fact]
    public async Task A_postgresql_that_crashes_twice_loses_nothing()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = JournalIn(server);
        await OutagesAsync(journal, server.CrashAsync, async () =>
        {
            NpgsqlConnection.ClearAllPools();
            await server.StartAsync();
        });
    }

    [Fact]
    public async Task A_postgresql_that_hangs_twice_loses_nothing_and_holds_nobody_up()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = JournalIn(server);
        await OutagesAsync(journal, server.FreezeAsync, server.ThawAsync);
    }

    [Fact]
    public async Task A_locked_sqlite_file_loses_nothing()
    {
        var journal = new JournalOptions { Path = _folder.File("journal.db") };
        SqliteConnection? other = null;
        await OutagesAsync(
            journal,
            () =>
            {
                other = new SqliteConnection($"Data Source={journal.Path};Pooling=false");
                other.Open();
                using var begin = other.CreateCommand();
                begin.CommandText = "BEGIN IMMEDIATE";
                begin.ExecuteNonQuery();
                return Task.CompletedTask;
            },
            () =>
            {
                other!.Dispose();
                return Task.CompletedTask;
            });
    }

    [Fact]
    public async Task A_full_disk_loses_nothing()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.File("disk"));
        await OutagesAsync(new JournalOptions { Path = Path.Combine(disk.Path, "journal.db") }, disk.FillAsync, disk.EmptyAsync);
    }

    [Fact]
    public async Task A_node_that_starts_while_the_journal_is_down_signs_people_in_and_remembers_when_it_is_back()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = JournalIn(server);
        var node = await TestNode.StartAsync(journal, Policy, patience: Await.Patience, readPatience: Await.Patience);
        await FailAsync(node, Anna, 4);
        await node.StopAsync();
        await server.CrashAsync();
        NpgsqlConnection.ClearAllPools();

        node = await TestNode.StartAsync(journal, Policy, log: _log);
        Assert.Equal(1, Lines(2501));
        await Permits.SucceedAsync(node, Ben);

        // Anna's failures are not known.
        await FailAsync(node, Anna, 2);
        await server.StartAsync();
        await BackAsync(node);

        // Four were stored, two counted: that is the budget.
        var standing = await ClusterSharding.Get(node.System).ShardRegion(LockoutShards.TypeName).Ask<OperatorProtocol.Standing>(
            new OperatorProtocol.AskStanding(Anna), TestNode.Within(30));
        Assert.Equal(Policy.Budget, standing.Account.Classes[(int)SourceClass.Unfamiliar].Failures);
        await node.StopAsync();
    }

    [Fact]
    public async Task While_the_journal_may_still_be_read_nobody_is_let_in_as_clean()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = JournalIn(server);
        var node = await TestNode.StartAsync(journal, Policy, patience: Await.Patience, readPatience: Await.Patience);
        await FailAsync(node, Anna, Policy.Budget);
        await node.StopAsync();
        await server.CrashAsync();
        NpgsqlConnection.ClearAllPools();

        // It has started when it grants permits.
        var starting = TestNode.StartAsync(journal, Policy, log: _log, readPatience: TimeSpan.FromMinutes(5));
        await Wait.UntilAsync(() => Lines(2501) == 1);
        await server.StartAsync();
        node = await starting;

        Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, Anna));
        await node.StopAsync();
    }

    public void Dispose() => _folder.Dispose();

    private async Task OutagesAsync(JournalOptions journal, Func<Task> breaks, Func<Task> mends)
    {
        var people = Enumerable.Range(10, 40).Select(Person).ToArray();
        using var outages = new Counted("passthrough.agent.journal_outages");
        using var shards = new Counted("passthrough.agent.volatile_shards");
        var node = await TestNode.StartAsync(journal, Policy, log: _log);
        await FailAsync(node, Anna, 1);
        await FailAsync(node, Ben, 3);

        // A busy machine may have looked like an outage.
        await BackAsync(node);
        await Wait.UntilAsync(() => node.Health.Unstored == 0);
        var told = Lines(2211);
        await breaks();
        var took = Stopwatch.StartNew();
        await FailAsync(node, Anna, 1);
        Assert.InRange(took.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Contains("half the budget", node.Health.Reason, StringComparison.Ordinal);

        // Clean people, some not seen before; Ben, who had used half of the budget, with the right password.
        await Task.WhenAll(people.Select(person => Permits.SucceedAsync(node, person)));
        await Permits.SucceedAsync(node, Ben);

        // Half of six is three.
        await FailAsync(node, Anna, 1);
        Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, Anna));
        await Task.WhenAll(people.Select(person => FailAsync(node, person, 1)));
        Assert.True(shards.All >= 1);
        Assert.True(node.Health.Unstored >= people.Length, $"{node.Health.Unstored} facts wait");
        await mends();
        await BackAsync(node);
        await Wait.UntilAsync(() => node.Health.Unstored == 0);
        Assert.Equal((told + 1, told + 1), (Lines(2211), Lines(2212)));

        await BackAsync(node);
        told = Lines(2211);
        await breaks();
        await Task.WhenAll(people.Select(person => FailAsync(node, person, 1)));
        await mends();
        await BackAsync(node);
        Assert.Equal((told + 1, told + 1), (Lines(2211), Lines(2212)));
        Assert.True(outages.All >= 2);

        // What is in the journal, and nothing else.
        await node.CrashAsync();
        node = await TestNode.StartAsync(journal, Policy, patience: Await.Patience, readPatience: Await.Patience);
        Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, Anna));
        await FailAsync(node, Ben, 4);
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(node, Ben));
        foreach (var person in people)
        {
            await FailAsync(node, person, 4);
            Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, person));
        }

        await node.StopAsync();
    }

    private JournalOptions JournalIn(PostgreSql server) => PostgreSql.Journal(_folder.File("connection"), server.ConnectionString);

    /// <summary>The journal is up again, and has everything.</summary>
    private async Task BackAsync(TestNode node)
    {
        try
        {
            await Wait.UntilAsync(() => node.Health.Reason.Length == 0);
        }
        catch (Xunit.Sdk.XunitException)
        {
            lock (_log)
            {
                Assert.Fail($"{node.Health.Reason}\n{string.Join('\n', _log.ToString().Split('\n').TakeLast(200))}");
            }
        }
    }

    private int Lines(int id)
    {
        lock (_log)
        {
            return _log.ToString().Split('\n').Count(line => line.Contains($" {id} ", StringComparison.Ordinal));
        }
    }

    private static async Task FailAsync(TestNode node, AccountKey account, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Permits.FailAsync(node, account);
        }
    }

    private static AccountKey Person(int number) => new("corp.example", new Guid(number, 0, 0, new byte[8]));
}
