using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>The journal is as small as the trouble in it: what a snapshot replaces is deleted.</summary>
public sealed class JournalSizeTests : IDisposable
{
    private const string Ledger = "lockout-ledger-7";

    private static readonly AccountKey[] People =
        [.. Enumerable.Range(1, 3000).Select(number => new AccountKey("corp.example", new Guid(number, 0, 0, new byte[8])))
            .Where(person => person.Slot(LockoutShards.Count) == 7).Take(20)];

    private readonly ScratchDirectory _folder = new();

    [Fact]
    public async Task Old_events_and_snapshots_are_gone_from_sqlite()
    {
        var journal = new JournalOptions { Path = _folder.File("journal.db") };
        var file = new JournalFile(journal.Path);
        await ManyFailuresAsync(journal, sql => Convert.ToInt32(file.Scalar(sql), null));
    }

    [Fact]
    public async Task Old_events_and_snapshots_are_gone_from_postgresql()
    {
        await using var server = await PostgreSql.MakeAsync();
        await ManyFailuresAsync(
            PostgreSql.Journal(_folder.File("connection"), server.ConnectionString),
            sql => Convert.ToInt32(server.Scalar(sql), null));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>20 people of one shard, 48 failures each: 1,920 events, so three snapshots.</summary>
    private static async Task ManyFailuresAsync(JournalOptions journal, Func<string, int> count)
    {
        var policy = new LockoutPolicy { Budget = LockoutPolicy.MaxBudget, LockTime = TimeSpan.FromHours(1) };
        var node = await TestNode.StartAsync(journal, policy, patience: Await.Patience, readPatience: Await.Patience);
        await Task.WhenAll(People.Select(async person =>
        {
            for (var failure = 0; failure < 48; failure++)
            {
                await Permits.FailAsync(node, person);
            }
        }));
        await Wait.UntilAsync(() => count($"SELECT count(*) FROM snapshot WHERE persistence_id = '{Ledger}'") == 1
            && count($"SELECT count(*) FROM journal WHERE persistence_id = '{Ledger}'") <= 2 * LedgerJournal.SnapshotAfter);
        Assert.InRange(count($"SELECT max(sequence_number) FROM journal WHERE persistence_id = '{Ledger}'"), 1920, 2000);
        await node.CrashAsync();

        node = await TestNode.StartAsync(journal, policy, patience: Await.Patience, readPatience: Await.Patience);
        foreach (var person in People)
        {
            await Permits.FailAsync(node, person);
            await Permits.FailAsync(node, person);
            Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, person));
        }

        await node.StopAsync();
    }
}
