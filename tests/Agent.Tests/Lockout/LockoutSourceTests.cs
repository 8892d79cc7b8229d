using System.Net;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>Familiar sources, repeated passwords and names that lead nowhere, on a node as the agent starts it.</summary>
public sealed class LockoutSourceTests : IDisposable
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("11111111-2222-3333-4444-555555555555"));
    private static readonly ClientSource Home = ClientSource.Of(IPAddress.Parse("192.0.2.1"), Guid.Parse("6f1f3a52-8f1c-4b57-9d1a-2f7f6a0b9c11"));
    private static readonly ClientSource Away = ClientSource.Of(IPAddress.Parse("198.51.100.1"), null);
    private static readonly LockoutPolicy Policy = new() { Budget = 3, LockTime = TimeSpan.FromHours(1) };

    private readonly FakeTimeProvider _leases = new();
    private readonly ScratchDirectory _folder = new();

    private string Journal => _folder.File("journal.db");

    private IReadOnlyList<string> Facts => new JournalFile(Journal).Facts();

    [Fact]
    public async Task A_source_is_written_once_and_known_after_a_restart_and_strangers_lock_only_themselves()
    {
        var node = await TestNode.StartAsync(Journal, Policy, leaseClock: _leases);
        await TryAsync(node, Anna, Home, Settlement.Succeeded);
        await Wait.UntilAsync(() => Facts.Count == 2);
        await TryAsync(node, Anna, Home, Settlement.Succeeded);
        await node.StopAsync();
        Assert.Equal(["source-remembered/1", "source-remembered/1"], Facts);

        node = await TestNode.StartAsync(Journal, Policy, leaseClock: _leases);
        for (var failure = 0; failure < Policy.Budget; failure++)
        {
            await TryAsync(node, Anna, Away, Settlement.Failed);
        }

        var locked = Assert.IsType<PermitAnswer.Locked>(await AskAsync(node, Anna, Away, isCompared: true)).Notice;
        Assert.Equal((true, TimeSpan.Zero), (locked.Unfamiliar > TimeSpan.FromMinutes(50), locked.Familiar));
        Assert.Equal(Home.Fingerprints(), locked.FamiliarSources.AsEnumerable());
        await TryAsync(node, Anna, Home, Settlement.Succeeded);
        Assert.IsType<PermitAnswer.Locked>(await AskAsync(node, Anna, Away, isCompared: true));
        await node.StopAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_compared_before_the_next_permit_even_under_a_lock_until_it_is_set_anew()
    {
        await using var node = await TestNode.StartAsync(Journal, Policy);
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate("old", out var old));
        var granted = Assert.IsType<PermitAnswer.Granted>(await AskAsync(node, Anna, Away));
        var wrong = new WrongPassword(granted.Key!.Digest(old!), 7);
        Assert.True(await node.Desk.SettleAsync(Anna, default, granted.Permit, Settlement.Failed, wrong, TestNode.Within(30)));

        var first = Assert.IsType<PermitAnswer.CompareFirst>(await AskAsync(node, Anna, Home));
        Assert.Equal([first.Key.Digest(old!)], first.Wrong.AsEnumerable());
        await node.Desk.RepeatAsync(Anna, wrong, TestNode.Within(30));
        Assert.Equal(["charge-opened/1", "charge-failed/1"], Facts);

        await TryAsync(node, Anna, Away, Settlement.Failed);
        await TryAsync(node, Anna, Away, Settlement.Failed);
        Assert.IsType<PermitAnswer.CompareFirst>(await AskAsync(node, Anna, Away));
        Assert.IsType<PermitAnswer.Locked>(await AskAsync(node, Anna, Away, isCompared: true));
        Assert.IsType<PermitAnswer.Locked>(await AskAsync(node, Anna, Away, passwordSetAt: 8));
    }

    [Fact]
    public async Task A_change_of_the_policy_counts_from_the_next_decision_on()
    {
        await using var node = await TestNode.StartAsync(Journal, Policy);
        await TryAsync(node, Anna, Away, Settlement.Failed);
        await TryAsync(node, Anna, Away, Settlement.Failed);

        node.Policies.Now = Policy with { Budget = 2, LockTime = TimeSpan.FromMinutes(2) };

        // No lock was begun under the old policy: one bind is let through, and locks.
        await TryAsync(node, Anna, Away, Settlement.Failed);
        Assert.InRange(
            Assert.IsType<PermitAnswer.Locked>(await AskAsync(node, Anna, Away, isCompared: true)).Notice.Unfamiliar, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task The_audit_trail_says_who_from_where_by_which_agent_and_why_and_no_secret()
    {
        var log = new StringWriter();
        await using (var node = await TestNode.StartAsync(Journal, Policy, log: log))
        {
            for (var failure = 0; failure < Policy.Budget; failure++)
            {
                await TryAsync(node, Anna, Home, Settlement.Failed);
            }

            Assert.True(await node.Desk.UnlockAsync(Anna, "operator", "she called", TestNode.Within(30)));
            await TryAsync(node, Anna, Home, Settlement.Failed);
            await TryAsync(node, Anna, Home, Settlement.Succeeded);
        }

        string Line(int id) => log.ToString().Split('\n').Last(line => line.Contains($" {id} ", StringComparison.Ordinal));
        foreach (var id in (int[])[2200, 2203, 2204])
        {
            Assert.Contains(Anna.ToString(), Line(id), StringComparison.Ordinal);
            Assert.Contains("192.0.2.0/24 with a device", Line(id), StringComparison.Ordinal);
            Assert.Contains("at agent passthrough", Line(id), StringComparison.Ordinal);
        }

        Assert.Contains("unlocked by operator: she called", Line(2201), StringComparison.Ordinal);
        Assert.DoesNotContain("6f1f3a52", log.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Names_that_lead_nowhere_are_counted_alike_and_leave_nothing_in_the_journal_nor_in_memory()
    {
        const int invented = 2_000;
        await using var node = await TestNode.StartAsync(Journal, Policy);
        var nobody = AccountKey.ForUnknownName("corp.example", "nobody");
        for (var failure = 0; failure < Policy.Budget; failure++)
        {
            await TryAsync(node, nobody, Away, Settlement.Failed);
        }

        Assert.IsType<PermitAnswer.Locked>(await AskAsync(node, nobody, Away, isCompared: true));
        await Parallel.ForAsync(0, invented, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, _) =>
            await TryAsync(node, AccountKey.ForUnknownName("corp.example", $"invented{number}"), Away, Settlement.Failed));

        await Wait.UntilAsync(async () => await EntitiesAsync(node) == 0, seconds: 120);
        Assert.Empty(Facts);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<PermitAnswer> AskAsync(
        TestNode node, AccountKey account, ClientSource source, long passwordSetAt = 7, bool isCompared = false) => node.Desk.AskAsync(
            new PermitRequest(account, source, TestNode.NewAttempt()) { PasswordSetAt = passwordSetAt, IsCompared = isCompared },
            TestNode.Within(30));

    private static async Task TryAsync(TestNode node, AccountKey account, ClientSource source, Settlement how)
    {
        var granted = Assert.IsType<PermitAnswer.Granted>(await AskAsync(node, account, source, isCompared: true));
        Assert.Equal(PasswordFault.None, TypedPassword.TryCreate("wrong", out var typed));
        using (typed)
        {
            WrongPassword? wrong = how == Settlement.Failed ? new WrongPassword(granted.Key!.Digest(typed!), 7) : null;
            Assert.True(await node.Desk.SettleAsync(account, TestNode.NewAttempt(), granted.Permit, how, wrong, TestNode.Within(30)));
        }
    }

    /// <summary>Of names that lead nowhere.</summary>
    private static async Task<int> EntitiesAsync(TestNode node)
    {
        var region = ClusterSharding.Get(node.System).ShardRegion(LockoutShards.TypeName);
        var state = await region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, TimeSpan.FromSeconds(30));
        return state.Shards.Sum(shard => shard.EntityIds.Count(entity => AccountKey.TryParse(entity) is { IsKnown: false }));
    }
}
