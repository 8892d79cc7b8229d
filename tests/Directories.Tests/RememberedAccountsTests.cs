using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests;

/// <summary>Which answers of a directory are used again, and which are not.</summary>
public sealed class RememberedAccountsTests : IAsyncLifetime, IDisposable
{
    private readonly ForestBench _bench = new(servers: 1, options =>
    {
        options.NetBiosName = "CORP";
        options.Suffixes.Add("contoso.com");
    });
    private readonly FakeTimeProvider _time = new();
    private readonly RememberedAccounts _accounts;
    private int _searches;

    public RememberedAccountsTests()
    {
        _accounts = new RememberedAccounts(_bench.Directory, _time, NullLogger<RememberedAccounts>.Instance);
        Answer(id => Answers.Account(id, "CN=alice", ScriptedServer.Alice));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    public void Dispose() => _accounts.Dispose();

    [Fact]
    public async Task A_name_is_searched_once_whatever_the_case_of_its_letters()
    {
        var first = await FoundAsync("alice@corp.example");
        foreach (var typed in new[] { "alice@corp.example", "ALICE@Corp.Example", " alice@corp.example. " })
        {
            Assert.Equal(first.ObjectGuid, (await FoundAsync(typed)).ObjectGuid);
        }

        Assert.Equal(1, _searches);
        await FoundAsync("CORP\\alice");
        await FoundAsync("alicé@corp.example");
        Assert.Equal(3, _searches);
    }

    [Theory, InlineData(59, 1), InlineData(60, 2)]
    public async Task An_answer_is_used_for_a_minute(int seconds, int searches)
    {
        await FoundAsync("alice@corp.example");
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await FoundAsync("alice@corp.example");
        Assert.Equal(searches, _searches);
    }

    [Fact]
    public async Task Many_who_ask_for_one_name_at_once_cost_one_search()
    {
        using var gate = new ManualResetEventSlim();
        Answer(id =>
        {
            gate.Wait(TimeSpan.FromSeconds(20));
            return Answers.Account(id, "CN=alice", ScriptedServer.Alice);
        });
        var asked = Enumerable.Range(0, 1_000).Select(_ => FindAsync("alice@corp.example")).ToList();
        gate.Set();
        Assert.All(await Task.WhenAll(asked), each => Assert.IsType<LookupReply.Found>(each));
        Assert.Equal(1, _searches);
    }

    [Fact]
    public async Task Who_cannot_wait_leaves_the_search_to_the_others()
    {
        using var gate = new ManualResetEventSlim();
        Answer(id =>
        {
            gate.Wait(TimeSpan.FromSeconds(20));
            return Answers.Account(id, "CN=alice", ScriptedServer.Alice);
        });
        var patient = FindAsync("alice@corp.example");
        using var hasty = new CancellationTokenSource();
        var gone = _accounts.FindAccountAsync(TypedName.TryParse("alice@corp.example")!, hasty.Token);
        await hasty.CancelAsync();
        Assert.Equal(new LookupReply.NoVerdict(Verdict.DirectoryTimeout), await gone);
        gate.Set();
        Assert.IsType<LookupReply.Found>(await patient);
    }

    [Fact]
    public async Task That_there_is_no_such_account_is_not_remembered()
    {
        Answer(_ => []);
        Assert.Equal(new LookupReply.NotFound(Verdict.UserNotFoundInForest), await FindAsync("alice@corp.example"));
        Answer(id => Answers.Account(id, "CN=alice", ScriptedServer.Alice));
        await FoundAsync("alice@corp.example");
        Assert.Equal(2, _searches);
    }

    [Fact]
    public async Task A_wrong_password_under_a_remembered_name_is_wrong_if_the_account_has_kept_its_name()
    {
        var fresh = await BindAsync(await FoundAsync("alice@corp.example"));
        Assert.Equal((Verdict.BadPassword, 1), (fresh.Verdict, _searches));
        var remembered = await BindAsync(await FoundAsync("alice@corp.example"));
        Assert.Equal((Verdict.BadPassword, true, 2), (remembered.Verdict, remembered.MayHaveBeenSent, _searches));
        await FoundAsync("alice@corp.example");
        Assert.Equal(3, _searches); // What a bind disagreed with is forgotten.
    }

    [Theory, InlineData("CN=alice,OU=moved"), InlineData(null)]
    public async Task A_wrong_password_under_a_name_that_the_account_has_lost_is_no_verdict_and_not_bound_again(string? newName)
    {
        await FoundAsync("alice@corp.example");
        var account = await FoundAsync("alice@corp.example");
        Answer(id => newName is null ? [] : Answers.Account(id, newName, ScriptedServer.Alice));
        var reply = await BindAsync(account);
        Assert.Equal((Verdict.DirectoryTimeoutAfterSend, true), (reply.Verdict, reply.MayHaveBeenSent));
        Assert.Equal(["CN=alice"], _bench.Servers[0].Binds);
        if (newName is not null)
        {
            Assert.Equal(newName, (await FoundAsync("alice@corp.example")).BindName);
        }
    }

    [Fact]
    public async Task A_wrong_password_that_cannot_be_confirmed_is_no_verdict()
    {
        await FoundAsync("alice@corp.example");
        var account = await FoundAsync("alice@corp.example");
        _bench.Servers[0].Script = question => question.Operation == Question.Search && question.ReadBase().Length > 0
            ? Answers.Done(question.Id, 51)
            : null;
        Assert.Equal(Verdict.DirectoryTimeoutAfterSend, (await BindAsync(account)).Verdict);
    }

    [Fact]
    public async Task Names_of_nobody_push_no_account_out_and_leave_no_memory()
    {
        const int Invented = 20_000;
        var alice = await FoundAsync("alice@corp.example");
        Answer(_ => []);
        await InventAsync(0, 1_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await InventAsync(1_000, Invented);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 2_000_000);
        Assert.Equal(alice.ObjectGuid, (await FoundAsync("alice@corp.example")).ObjectGuid);
    }

    [Fact]
    public async Task No_more_names_are_remembered_than_there_is_room_for()
    {
        for (var name = 0; name < RememberedAccounts.Capacity + 2_000; name += 200)
        {
            await Task.WhenAll(Enumerable.Range(name, 200).Select(each => FoundAsync($"name{each}@corp.example")));
        }

        Assert.InRange(_accounts.Count, 1, RememberedAccounts.Capacity);
    }

    [Fact]
    public async Task Where_answers_came_from_is_counted()
    {
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "passthrough.agent.lookups")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue((string)tags[0].Value!));
        listener.Start();
        await FoundAsync("alice@corp.example");
        await FoundAsync("alice@corp.example");
        Assert.Contains("directory", counted);
        Assert.Contains("memory", counted);
    }

    private async Task InventAsync(int from, int to)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        for (var name = from; name < to; name += 100)
        {
            await Task.WhenAll(Enumerable.Range(name, 100).Select(each =>
                _accounts.FindAccountAsync(TypedName.TryParse($"invented{each}@corp.example")!, patience.Token)));
        }
    }

    // Answers searches for people, and counts them.
    private void Answer(Func<int, byte[]> entries) => _bench.Servers[0].Script = question =>
    {
        if (question.Operation != Question.Search || question.ReadBase().Length == 0)
        {
            return null;
        }

        Interlocked.Increment(ref _searches);
        return [.. entries(question.Id), .. Answers.Done(question.Id)];
    };

    private Task<LookupReply> FindAsync(string name) => _accounts.FindAccountAsync(TypedName.TryParse(name)!, Peer.In(60));

    private async Task<DirectoryAccount> FoundAsync(string name) => Assert.IsType<LookupReply.Found>(await FindAsync(name)).Account;

    private async Task<BindReply> BindAsync(DirectoryAccount account)
    {
        using var password = Peer.Password();
        return await _accounts.BindAsync(account, password, Peer.In(60));
    }
}
