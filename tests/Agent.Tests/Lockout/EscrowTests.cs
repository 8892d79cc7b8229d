using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>The table of slots, and what nodes do with it.</summary>
public sealed class EscrowTests : IDisposable
{
    /// <summary>Than all tests end.</summary>
    private static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1);
    private static readonly AccountKey Anna = Person(1), Ben = Person(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ScratchDirectory _folder = new();

    [Fact]
    public async Task No_slot_is_given_out_twice()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = PostgreSql.Journal(_folder.File("connection"), server.ConnectionString);
        await JournalDatabase.PrepareAsync(journal, CancellationToken.None);
        var escrow = new Escrow(journal, NullLogger<Escrow>.Instance);

        using var asked = new Counted("passthrough.agent.slots");

        // Whatever the crowd, two of each class, to two permits.
        var taken = await Task.WhenAll(Enumerable.Range(1, 40).Select(permit => Task.Run(() => escrow.TakeInterimAsync(Anna, (ulong)permit, 2, Later, Patience))));
        Assert.InRange(taken.Count(each => each), 1, 2);
        while (await escrow.TakeInterimAsync(Anna, ulong.MaxValue, 2, Later, Patience))
        {
        }

        var slots = await escrow.ClaimAsync(Anna);
        Assert.Equal(4, slots.Length);
        Assert.Equal(2, slots.Select(slot => slot.Permit).Distinct().Count());
        Assert.All(slots, slot => Assert.Equal(Later.ToUnixTimeMilliseconds(), slot.ExpiresAt.ToUnixTimeMilliseconds()));
        Assert.Equal(false, (await escrow.TakeAsync(Anna, 99, SourceClass.Familiar, 2, Later, Patience)).IsTaken);
        Assert.True(asked["result=taken"] >= 1 && asked["result=none_left"] >= 1);
        Assert.True(await escrow.TakeInterimAsync(Ben, 1, 2, Later, Patience), "the accounts have nothing in common");

        // What the owner has counted is the owner's to free, class by class.
        var permit = slots[0].Permit;
        await escrow.GiveBackAsync(Anna, permit);
        Assert.Equal(4, (await escrow.ClaimAsync(Anna)).Length);
        await escrow.FreeAsync(Anna, permit, SourceClass.Familiar);
        Assert.False(await escrow.TakeInterimAsync(Anna, 100, 2, Later, Patience));
        Assert.True((await escrow.TakeAsync(Anna, 101, SourceClass.Familiar, 2, Later, Patience)).IsTaken);

        // Of what was taken once more under the same permit, what was meant is told by its end.
        await escrow.FreeAsync(Anna, 101, of: null, Later.AddSeconds(-1));
        Assert.Equal(4, (await escrow.ClaimAsync(Anna)).Length);
        await escrow.FreeAsync(Anna, 101, of: null, Later);
        Assert.Equal(3, (await escrow.ClaimAsync(Anna)).Length);
        await escrow.FreeAsync(Anna, permit, of: null);
        Assert.True(await escrow.TakeInterimAsync(Anna, 102, 2, Later, Patience));
        await escrow.GiveBackAsync(Anna, 102);
        Assert.True(await escrow.TakeInterimAsync(Anna, 103, 2, Later, Patience));
        Assert.False(await escrow.TakeInterimAsync(Anna, 103, 3, Later, Patience), "one permit, one slot of a class");

        // A ledger that begins to serve learns of all of its shard with one question.
        Assert.Equal(2, (await escrow.TakenAtStartAsync(Ben, ledger: 1)).Length);
        Assert.Empty(await escrow.TakenAtStartAsync(Ben, ledger: 1));
        Assert.Equal(2, (await escrow.TakenAtStartAsync(Ben, ledger: 2)).Length);
    }

    [Fact]
    public async Task What_could_not_be_given_back_without_the_database_is_when_it_is_back()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = PostgreSql.Journal(_folder.File("connection"), server.ConnectionString);
        await JournalDatabase.PrepareAsync(journal, CancellationToken.None);
        var escrow = new Escrow(journal, NullLogger<Escrow>.Instance);
        var slots = new AccountSlots(Anna, escrow, new LockoutPolicies(new LockoutPolicy()), TimeProvider.System, ActorRefs.Nobody);
        Assert.True((await escrow.TakeAsync(Anna, 1, SourceClass.Familiar, 2, Later, Patience)).IsTaken);
        Assert.True((await escrow.TakeAsync(Anna, 2, SourceClass.Familiar, 2, Later, Patience)).IsTaken);

        await server.CrashAsync();
        slots.GiveBack(1, Later);
        slots.GiveBack(2, Later.AddSeconds(-1));
        await slots.Freeing.WaitAsync(Patience);
        await server.StartAsync();
        Assert.Equal(2, (await escrow.ClaimAsync(Anna)).Length);

        slots.FreeAgain();
        await slots.Freeing.WaitAsync(Patience);
        Assert.Equal(2UL, Assert.Single(await escrow.ClaimAsync(Anna)).Permit);
    }

    [Fact]
    public async Task A_database_that_is_gone_gives_nothing_and_throws_nothing()
    {
        var escrow = new Escrow(
            PostgreSql.Journal(_folder.File("connection"), $"Host={_folder.File("")};Username=postgres;Database=postgres"), NullLogger<Escrow>.Instance);
        using var asked = new Counted("passthrough.agent.slots");
        Assert.False(await escrow.TakeInterimAsync(Anna, 1, 2, Later, Patience));
        Assert.Null((await escrow.TakeAsync(Anna, 1, SourceClass.Familiar, 2, Later, Patience)).IsTaken);
        Assert.True(asked["result=no_answer"] >= 1);
        Assert.Empty(await escrow.ClaimAsync(Anna));
        await escrow.FreeAsync(Anna, 1, of: null);
    }

    [Fact]
    public async Task What_a_database_that_hangs_takes_too_late_is_free_again()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = PostgreSql.Journal(_folder.File("connection"), server.ConnectionString);
        await JournalDatabase.PrepareAsync(journal, CancellationToken.None);
        var escrow = new Escrow(journal, NullLogger<Escrow>.Instance);

        // A lock on the table holds the answer up, and not for as long as the driver waits.
        await using var other = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE lockout_slot", other, transaction))
        {
            await command.ExecuteNonQueryAsync();
        }

        var (isTaken, undone) = await escrow.TakeAsync(Anna, 1, SourceClass.Familiar, 2, Later, TimeSpan.FromMilliseconds(100));
        Assert.Null(isTaken);
        Assert.False(undone.IsCompleted);
        await transaction.RollbackAsync();
        await undone.WaitAsync(Patience);
        Assert.Empty(await escrow.ClaimAsync(Anna));
    }

    /// <summary>The count is the same as without slots; the last of it is in the table, and a success empties that.</summary>
    [Fact]
    public async Task The_last_of_the_budget_is_taken_from_the_table_and_given_back_by_a_success()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = PostgreSql.Journal(_folder.File("connection"), server.ConnectionString);
        var policy = new LockoutPolicy { Budget = 5, LockTime = TimeSpan.FromHours(1) };
        await using var node = await TestNode.StartAsync(journal, policy, patience: TimeSpan.FromSeconds(60));
        var escrow = new Escrow(journal, NullLogger<Escrow>.Instance);

        for (var failures = 0; failures < 4; failures++)
        {
            Assert.Equal(Math.Max(0, failures - 3), (await escrow.ClaimAsync(Anna)).Length);
            await Permits.FailAsync(node, Anna);
        }

        await Permits.SucceedAsync(node, Anna);
        await Wait.UntilAsync(async () => (await escrow.ClaimAsync(Anna)).IsEmpty);

        for (var failures = 0; failures < 5; failures++)
        {
            await Permits.FailAsync(node, Anna);
        }

        Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, Anna));
        Assert.Equal([SourceClass.Unfamiliar, SourceClass.Unfamiliar], (await escrow.ClaimAsync(Anna)).Select(slot => slot.Class));

        // Somebody took two while the account was out of reach: three are left.
        Assert.True(await escrow.TakeInterimAsync(Ben, 1, 2, Later, Patience));
        Assert.True(await escrow.TakeInterimAsync(Ben, 2, 2, Later, Patience));
        for (var failures = 0; failures < 3; failures++)
        {
            await Permits.FailAsync(node, Ben);
        }

        Assert.IsType<PermitAnswer.TooManyOpen>(await Permits.AskAsync(node, Ben));
    }

    /// <summary>A node dies: who lives in its shards signs in all the same, and the guesses of all sides together are as many as the
    /// budget.</summary>
    [Fact]
    public async Task While_a_dead_nodes_shards_have_no_home_permits_come_from_the_table()
    {
        await using var server = await PostgreSql.MakeAsync();
        var journal = PostgreSql.Journal(_folder.File("connection"), server.ConnectionString);
        var policy = new LockoutPolicy { Budget = 5, LockTime = TimeSpan.FromHours(1) };
        await using var first = await TestNode.StartAsync(journal, policy, patience: TimeSpan.FromSeconds(60));
        await using var second = await TestNode.StartAsync(journal, policy, node => node.SeedNodes = [first.EndPoint], patience: TimeSpan.FromSeconds(60));
        var third = await TestNode.StartAsync(journal, policy, node => node.SeedNodes = [first.EndPoint], patience: TimeSpan.FromSeconds(60));
        AccountKey[] people = [.. Enumerable.Range(10, 60).Select(Person)];
        await Task.WhenAll(people.Select(person => Permits.SucceedAsync(first, person)));
        foreach (var person in people)
        {
            await Permits.FailAsync(third, person);
        }

        // Whoever joined last has no shard until the next balancing, if the first were given out before it was known.
        await Wait.UntilAsync(async () => await ShardsAtHomeAsync(third) >= 5);
        using var interim = new Counted("passthrough.agent.interim_permits");
        var crashed = Stopwatch.GetTimestamp();
        await third.CrashAsync();
        first.Interim!.Patience = second.Interim!.Patience = TimeSpan.FromMilliseconds(250);
        var answers = await Task.WhenAll(people.Select(async person => (Person: person, Answer: await AskAsync(first, person))));
        Assert.All(answers, each => Assert.True(each.Answer is PermitAnswer.Granted, $"{each.Person}: {each.Answer}"));
        await Task.WhenAll(answers.Select(each => SettleAsync(first, each.Person, (PermitAnswer.Granted)each.Answer, Settlement.Succeeded)));

        Assert.True(interim["given=True"] >= 1, $"all had a home {Stopwatch.GetElapsedTime(crashed)} after the crash");

        // Guesses at whoever has no home, from both that are left.
        var guesses = await Task.WhenAll(people.SelectMany(person => Enumerable.Range(0, 8).Select(async number =>
        {
            var node = number % 2 == 0 ? first : second;
            return (person, Wrong: await AskAsync(node, person) is PermitAnswer.Granted granted
                && await SettleAsync(node, person, granted, Settlement.Failed));
        })));
        var wrong = guesses.Where(each => each.Wrong).CountBy(each => each.person).ToDictionary();
        Assert.All(wrong.Values, count => Assert.InRange(count, 0, policy.Budget));

        // When all have a home again, each has the rest of its budget and no more.
        await Wait.UntilAsync(() => Akka.Cluster.Cluster.Get(first.System).State.Members.Count == 2);
        foreach (var person in people)
        {
            var count = wrong.GetValueOrDefault(person);
            while (await Permits.AskAsync(second, person) is PermitAnswer.Granted granted)
            {
                await SettleAsync(second, person, granted, Settlement.Failed);
                count++;
            }

            Assert.InRange(count, 1, policy.Budget);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Task<PermitAnswer> AskAsync(TestNode node, AccountKey person) =>
        node.Desk.AskAsync(new PermitRequest(person, ClientSource.Nowhere, TestNode.NewAttempt()), TestNode.Within(8));

    private static Task<bool> SettleAsync(TestNode node, AccountKey person, PermitAnswer.Granted granted, Settlement how) =>
        node.Desk.SettleAsync(person, TestNode.NewAttempt(), granted.Permit, how, null, TestNode.Within(30));

    private static async Task<int> ShardsAtHomeAsync(TestNode node) =>
        (await ClusterSharding.Get(node.System).ShardRegion(LockoutShards.TypeName)
            .Ask<ShardRegionStats>(GetShardRegionStats.Instance, TestNode.Within(8))).Stats.Count;

    private static AccountKey Person(int number) => new("corp.example", new Guid(number, 0, 0x4000, new byte[8]));
}
