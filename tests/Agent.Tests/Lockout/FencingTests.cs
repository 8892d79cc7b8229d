using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;
using static Passthrough.Decisions.Lockout.LockoutProtocol;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>A node that cannot tell whether what it owns is still its own grants nothing that the journal has not taken.</summary>
public sealed class FencingTests : TestKit
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("11111111-2222-4333-8444-555555555555"));

    private readonly MemoryGrants _grants = new(new FakeTimeProvider());

    public FencingTests()
        : base(Await.PatientProbes)
    {
    }

    [Fact]
    public void What_may_not_be_granted_from_memory_goes_to_the_ledger_first()
    {
        var account = Enter(isVolatile: false);
        account.Tell(Ask(1), TestActor);
        var store = ExpectMsg<LedgerProtocol.Store>();
        Assert.IsType<ChargeOpened>(Assert.Single(store.Facts));
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        account.Tell(new LedgerProtocol.Stored(store, IsVolatile: false), TestActor);
        ExpectMsg<Answer.Granted>();

        _grants.Renew(NodeLease.Of(TimeSpan.FromSeconds(7)).Ask([], _grants.Now));
        account.Tell(new SettlePermit(Anna, default, 1, Settlement.Succeeded), TestActor);
        account.Tell(new LedgerProtocol.Stored(ExpectMsg<LedgerProtocol.Store>(), IsVolatile: false), TestActor);
        ExpectMsg<Answer.Settled>();
        account.Tell(Ask(2), TestActor);
        ExpectMsg<Answer.Granted>();
    }

    [Fact]
    public void Without_the_cluster_and_without_the_journal_nothing_is_granted()
    {
        Enter(isVolatile: true).Tell(Ask(1), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(500));

        // Also if the journal goes away while it is asked.
        var account = Enter(isVolatile: false);
        account.Tell(Ask(1), TestActor);
        account.Tell(new LedgerProtocol.Stored(ExpectMsg<LedgerProtocol.Store>(), IsVolatile: true), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(500));
        account.Tell(Ask(1), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task Who_hears_from_no_majority_writes_first_and_grants_all_the_same()
    {
        using var folder = new ScratchDirectory();
        var journal = folder.File("journal.db");
        var (words, clock) = (new StringWriter(), new LeaseClock());
        var log = TextWriter.Synchronized(words);
        AccountKey[] people = [.. Enumerable.Range(1, 20).Select(number => new AccountKey("corp.example", new Guid(number, 0, 0x4000, new byte[8])))];
        var first = await TestNode.StartAsync(journal, log: log, leaseClock: clock);
        await using var second = await TestNode.StartAsync(journal, options: node => node.SeedNodes = [first.EndPoint]);
        await Wait.UntilAsync(() => Cluster.Get(first.System).State.Members.Count(member => member.Status == MemberStatus.Up) == 2);
        await Wait.UntilAsync(() => first.Grants.Allowed && second.Grants.Allowed);

        // Both have shards, and nothing moves any more: who is at home at the first stays there.
        await Wait.UntilAsync(
            async () =>
            {
                await Task.WhenAll(people.Select(person => Permits.SucceedAsync(first, person)));
                return Math.Abs((await ShardsAsync(first)).Count - (await ShardsAsync(second)).Count) <= 1;
            },
            seconds: 120);
        var before = new JournalFile(journal).Facts().Count;
        foreach (var person in people)
        {
            await Permits.SucceedAsync(first, person);
        }

        Assert.Equal(before, new JournalFile(journal).Facts().Count);

        var shards = await ShardsAsync(first);
        var home = people.Where(person => shards.Any(shard => shard.EntityIds.Contains($"{person}"))).ToList();
        Assert.NotEmpty(home);

        await second.CrashAsync();
        await Wait.UntilAsync(() => !first.Grants.Allowed);

        // It stays over, even if the second is taken out before all have asked.
        clock.IsOver = true;
        await Wait.UntilAsync(() =>
        {
            lock (log)
            {
                return words.ToString().Contains(" 2217 ", StringComparison.Ordinal);
            }
        });

        var answers = await Task.WhenAll(home.Select(person => Permits.AskAsync(first, person)));

        Assert.All(answers, answer => Assert.IsType<PermitAnswer.Granted>(answer));
        Assert.Equal(before + home.Count, new JournalFile(journal).Facts().Count);
        await first.CrashAsync();
    }

    private static async Task<IReadOnlyCollection<ShardState>> ShardsAsync(TestNode node)
    {
        var region = ClusterSharding.Get(node.System).ShardRegion(LockoutShards.TypeName);
        return (await region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, Await.Patience)).Shards;
    }

    private static AskPermit Ask(ulong permit) => new(Anna, ClientSource.Nowhere, default, permit);

    private IActorRef Enter(bool isVolatile)
    {
        var account = Sys.ActorOf(Props.Create(() => new AccountEntity(
            Anna, TestActor, new LockoutPolicies(new LockoutPolicy()), _grants, TimeProvider.System, NullLogger<AccountEntity>.Instance)));
        ExpectMsg<LedgerProtocol.Enter>();
        account.Tell(new LedgerProtocol.Entered(AccountState.Clean, isVolatile), TestActor);
        return account;
    }

    /// <summary>The system's, until no lease may be renewed any more: then each look is an hour after the one before.</summary>
    private sealed class LeaseClock : TimeProvider
    {
        private long _looks;

        public bool IsOver { get; set; }

        public override long GetTimestamp() =>
            System.GetTimestamp() + (IsOver ? Interlocked.Increment(ref _looks) * TimestampFrequency * 3_600 : 0);
    }
}
