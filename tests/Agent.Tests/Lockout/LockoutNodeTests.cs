using Microsoft.Extensions.Time.Testing;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Tests.Lockout;

/// <summary>The rule on a node as the agent starts it, with a real journal.</summary>
public sealed class LockoutNodeTests : IDisposable
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("11111111-2222-3333-4444-555555555555"));
    private static readonly AccountKey Ben = new("corp.example", Guid.Parse("66666666-7777-4888-9999-000000000000"));

    private readonly FakeTimeProvider _leases = new();
    private readonly ScratchDirectory _folder = new();

    private string Journal => _folder.File("journal.db");

    private JournalFile Stored => new(Journal);

    private static string AnnasLedger => $"lockout-ledger-{Anna.Slot(LockoutShards.Count)}";

    [Fact]
    public async Task Signing_in_writes_nothing_and_failing_writes_before_it_is_answered()
    {
        await using var node = await TestNode.StartAsync(Journal, leaseClock: _leases);

        await Permits.SucceedAsync(node, Anna);
        await Permits.SucceedAsync(node, Anna);
        Assert.Empty(FactsWithoutWarmUp());

        await Permits.FailAsync(node, Anna);
        Assert.Equal(["charge-opened/1", "charge-failed/1"], FactsWithoutWarmUp());

        await Permits.SucceedAsync(node, Anna);
        Assert.Equal(["charge-opened/1", "charge-failed/1", "charge-opened/1", "sign-in-succeeded/1"], FactsWithoutWarmUp());

        await Permits.SucceedAsync(node, Anna);
        Assert.Equal(4, FactsWithoutWarmUp().Count);
    }

    [Fact]
    public async Task A_lock_survives_a_crash_and_a_stop_and_ends_by_an_operators_word()
    {
        using var locks = new Counted("passthrough.agent.locks");
        using var unlocks = new Counted("passthrough.agent.unlocks");
        var policy = new LockoutPolicy { Budget = 3, LockTime = TimeSpan.FromHours(1) };
        var node = await TestNode.StartAsync(Journal, policy);
        for (var failure = 0; failure < policy.Budget; failure++)
        {
            await Permits.FailAsync(node, Anna);
        }

        var locked = Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, Anna)).Notice.Unfamiliar;
        await node.CrashAsync();

        node = await TestNode.StartAsync(Journal, policy);
        var afterCrash = Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, Anna)).Notice.Unfamiliar;
        Assert.InRange(locked - afterCrash, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(node, Ben));
        await node.StopAsync();

        node = await TestNode.StartAsync(Journal, policy);
        Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, Anna));
        Assert.True(await node.Desk.UnlockAsync(Anna, "test", "asked for", TestNode.Within(30)));
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(node, Anna));
        await node.StopAsync();
        Assert.True(locks["class=unfamiliar"] >= 1);
        Assert.True(unlocks.All >= 1);
    }

    [Fact]
    public async Task A_crash_with_a_permit_out_costs_one_charge_and_no_more()
    {
        var policy = new LockoutPolicy { Budget = 3, LockTime = TimeSpan.FromHours(1), PermitLifetime = LockoutPolicy.MaxPermitLifetime };
        var node = await TestNode.StartAsync(Journal, policy, leaseClock: _leases);
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(node, Anna));
        Assert.Empty(FactsWithoutWarmUp());
        await node.CrashAsync();

        node = await TestNode.StartAsync(Journal, policy, leaseClock: _leases);
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(node, Anna));
        Assert.Equal(["charge-opened/1", "charge-opened/1"], FactsWithoutWarmUp());
        await node.CrashAsync();

        node = await TestNode.StartAsync(Journal, policy, leaseClock: _leases);
        Assert.IsType<PermitAnswer.Granted>(await Permits.AskAsync(node, Anna));
        Assert.IsType<PermitAnswer.TooManyOpen>(await Permits.AskAsync(node, Anna));
        await node.StopAsync();
    }

    [Fact]
    public async Task A_stop_in_good_order_stores_the_permit_that_is_out_and_nothing_is_assumed_after_it()
    {
        // The permit outlives the stop and the start.
        var policy = new LockoutPolicy { PermitLifetime = LockoutPolicy.MaxPermitLifetime };
        var node = await TestNode.StartAsync(Journal, policy, leaseClock: _leases);
        var attempt = TestNode.NewAttempt();
        var granted = Assert.IsType<PermitAnswer.Granted>(await node.Desk.AskAsync(new PermitRequest(Anna, ClientSource.Nowhere, attempt), TestNode.Within(30)));
        await Permits.SucceedAsync(node, Ben);
        await node.StopAsync();
        Assert.Equal(["charge-opened/1"], FactsWithoutWarmUp());
        Assert.Equal("ledger-closed/1", Stored.Manifests()[^1]);

        node = await TestNode.StartAsync(Journal, policy, leaseClock: _leases);
        await Permits.SucceedAsync(node, Ben);
        Assert.True(await node.Desk.SettleAsync(Anna, attempt, granted.Permit, Settlement.Succeeded, null, TestNode.Within(30)));
        Assert.Equal(["charge-opened/1", "sign-in-succeeded/1"], FactsWithoutWarmUp());
        await node.StopAsync();
    }

    [Fact]
    public async Task An_event_of_a_release_to_come_is_named_and_its_shard_counts_in_memory()
    {
        var node = await TestNode.StartAsync(Journal);
        await Permits.FailAsync(node, Anna);
        await node.StopAsync();
        Stored.Scalar($"""
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
            SELECT created, 0, persistence_id, max(sequence_number) + 1, x'', 'charge-escrowed/1', identifier, writer_uuid
            FROM journal WHERE persistence_id = '{AnnasLedger}'
            """);

        var log = new StringWriter();
        node = await TestNode.StartAsync(Journal, log: log);
        for (var failure = 0; failure < new LockoutPolicy().Halved().Budget; failure++)
        {
            await Permits.FailAsync(node, Anna);
        }

        var locked = await Permits.AskAsync(node, Anna);
        var neighbour = Enumerable.Range(1, 10).Select(number => new AccountKey("corp.example", new Guid(number, 0, 0, new byte[8])))
            .First(person => person.Slot(LockoutShards.Count) != Anna.Slot(LockoutShards.Count));
        await Permits.FailAsync(node, neighbour);
        await node.StopAsync();

        Assert.IsType<PermitAnswer.Locked>(locked);
        Assert.Equal(["charge-opened/1", "charge-failed/1"], Stored.Facts(except: AnnasLedger).TakeLast(2));
        var line = Assert.Single(log.ToString().Split('\n'), line => line.Contains(" 2215 ", StringComparison.Ordinal));
        Assert.Contains($"{AnnasLedger}: its event 5 ('charge-escrowed/1', 0 bytes)", line, StringComparison.Ordinal);
        Assert.DoesNotContain(" 2211 ", log.ToString(), StringComparison.Ordinal);

        // What the runbook says to do.
        var runbook = await File.ReadAllTextAsync(RepositoryFile(JournalHealth.Runbook));
        var repair = runbook.Split('"').Single(text => text.StartsWith("DELETE FROM journal", StringComparison.Ordinal));
        Stored.Scalar(repair.Replace("lockout-ledger-42", AnnasLedger, StringComparison.Ordinal));
        log = new StringWriter();
        node = await TestNode.StartAsync(Journal, log: log);
        await Permits.FailAsync(node, Anna);
        await node.StopAsync();
        Assert.DoesNotContain(" 2215 ", log.ToString(), StringComparison.Ordinal);
        Assert.Equal(["charge-opened/1", "charge-failed/1"], Stored.Facts().TakeLast(2));
    }

    [Fact]
    public async Task Many_accounts_fail_at_once_and_each_is_counted_exactly()
    {
        var policy = new LockoutPolicy { Budget = 5, LockTime = TimeSpan.FromHours(1), PermitLifetime = LockoutPolicy.MaxPermitLifetime };
        await using var node = await TestNode.StartAsync(Journal, policy);
        AccountKey[] people = [.. Enumerable.Range(1, 200).Select(number => new AccountKey("corp.example", new Guid(number, 0, 0, new byte[8])))];

        // Twice the budget at once: half are turned away, whatever the order.
        var attempts = await Task.WhenAll(people.SelectMany(person => Enumerable.Range(0, 2 * policy.Budget).Select(async _ =>
        {
            var attempt = TestNode.NewAttempt();
            var answer = await node.Desk.AskAsync(new PermitRequest(person, ClientSource.Nowhere, attempt), TestNode.Within(60));
            return answer is PermitAnswer.Granted granted
                && await node.Desk.SettleAsync(person, attempt, granted.Permit, Settlement.Failed, null, TestNode.Within(60));
        })));

        Assert.Equal(people.Length * policy.Budget, attempts.Count(bound => bound));
        foreach (var person in people)
        {
            Assert.IsType<PermitAnswer.Locked>(await Permits.AskAsync(node, person));
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string RepositoryFile(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Cluster.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, path);
    }

    private List<string> FactsWithoutWarmUp()
    {
        var warmUp = new AccountKey("warm-up.invalid", Guid.Empty).Slot(LockoutShards.Count);
        Assert.NotEqual(warmUp, Anna.Slot(LockoutShards.Count));
        Assert.NotEqual(warmUp, Ben.Slot(LockoutShards.Count));
        return [.. Stored.Facts($"lockout-ledger-{warmUp}")];
    }
}
