using Passthrough.Agent.Attempts;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Audit;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Operator;

/// <summary>Every command, on two real nodes of one cluster.</summary>
public sealed class CommandsTests : IAsyncLifetime
{
    private static readonly AccountKey Anna = new("corp.example", Guid.Parse("0193b8a0-0000-4000-8000-000000000001"));

    private OperatorRig _first = null!, _second = null!;

    public async Task InitializeAsync()
    {
        _first = await OperatorRig.StartAsync();
        _second = await OperatorRig.StartAsync("agent-2", _first);
        await Await.ThatAsync(() => Members(_first) == 2 && Members(_second) == 2, "two members");
    }

    public async Task DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Fact]
    public async Task The_cluster_is_shown_and_asked_on_every_node()
    {
        var shown = (await _first.RunAsync("cluster", "show")).IsDone();
        Assert.Equal([$"akka.tcp://passthrough@127.0.0.1:{_first.ClusterPort}", $"akka.tcp://passthrough@127.0.0.1:{_second.ClusterPort}"], shown.Rows.Select(row => row["address"]));
        Assert.All(shown.Rows, row => Assert.Equal(("up", "reachable"), (row["status"], row["reachability"])));

        foreach (var command in new[] { "cluster status", "version", "cluster-sharding region-stats -r lockout", "journal status", "agents list", "agents health", "dc list", "log show", "actor hierarchy -s /user -d 1" })
        {
            var answer = (await _first.RunAsync(command.Split(' '))).IsDone();
            Assert.Equal(["agent-1", "agent-2"], answer.Rows.Select(row => row["node"]).Distinct().Order());
        }

        var one = (await _first.RunAsync("version", "-n", "agent-2")).IsDone();
        Assert.Equal(["agent-2"], one.Rows.Select(row => row["node"]));
        var nobody = await _first.RunAsync("version", "-n", "agent-9");
        Assert.Equal((RunReply.Types.Result.Failed, "no node is called agent-9: see agents list"), (nobody.Done.Result, nobody.Done.Message));
    }

    [Fact]
    public async Task Why_somebody_cannot_sign_in_is_told_wherever_the_account_lives_and_ended_there()
    {
        await LockAsync();
        foreach (var node in new[] { _first, _second })
        {
            var shown = (await node.RunAsync("account", "show", Anna.ToString())).IsDone();
            var unfamiliar = shown.Rows.Single(row => row["sources"] == "unfamiliar");
            Assert.StartsWith("locked from unfamiliar sources until", unfamiliar["why"], StringComparison.Ordinal);
            Assert.Equal(("10", "0", "10"), (unfamiliar["failures"], unfamiliar["left"], unfamiliar["budget"]));
            Assert.NotEmpty(unfamiliar["lockedUntil"]);
            var locked = Assert.Single((await node.RunAsync("lockouts", "list", "-f", "corp.example")).IsDone().Rows);
            Assert.Equal((Anna.ToString(), "unfamiliar", "10"), (locked["account"], locked["sources"], locked["failures"]));
            Assert.Single((await node.RunAsync("lockouts", "top")).IsDone().Rows);
            Assert.Empty((await node.RunAsync("lockouts", "list", "-f", "fabrikam.test")).IsDone().Rows);
        }

        var unlocked = (await _second.RunAsync("account", "unlock", Anna.ToString(), "--reason", "ticket 4711")).IsDone();
        Assert.Equal([$"{Anna} is unlocked ({Anna})"], unlocked.Notes);
        Assert.Empty((await _first.RunAsync("lockouts", "top")).IsDone().Rows);
        var after = (await _first.RunAsync("account", "show", Anna.ToString())).IsDone();
        Assert.All(after.Rows, row => Assert.Equal(("10", "0"), (row["left"], row["failures"])));
        Assert.Contains(_second.Log.Since(0).Items, line => line.Event == 2600 && line.Text.Contains("(carol) asks for account unlock", StringComparison.Ordinal)
            && line.Text.EndsWith("ticket 4711", StringComparison.Ordinal));
        Assert.Contains(_second.Log.Since(0).Items, line => line.Event == 2601 && line.Text.EndsWith("done", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_operates_needs_a_reason_and_what_is_wrong_is_said_in_one_line()
    {
        foreach (var (words, result, message) in new (string[], RunReply.Types.Result, string)[]
        {
            (["account", "unlock", "anna@corp.example"], RunReply.Types.Result.Usage, "--reason is missing: try help account unlock"),
            (["account", "unlock", "anna@corp.example", "--reason", " "], RunReply.Types.Result.Failed, "say why with --reason"),
            (["account", "show", ""], RunReply.Types.Result.Failed, "this is no user name"),
            (["account", "show", "anna@corp.example"], RunReply.Types.Result.Failed, "no domain controller of corp.example could say who"),
            (["route", "\\"], RunReply.Types.Result.Failed, "this is no user name"),
            (["forests", "show", "nowhere.example"], RunReply.Types.Result.Failed, "nowhere.example is no forest of this agent"),
            (["cluster", "down", $"127.0.0.1:{_second.ClusterPort}", "--reason", "x"], RunReply.Types.Result.Failed, "answers: have it leave"),
            (["cluster", "leave", "127.0.0.1:1", "--reason", "x"], RunReply.Types.Result.Failed, "is no member of the cluster"),
            (["dc", "eject", "dc9.corp.example", "--reason", "x"], RunReply.Types.Result.Failed, "no domain controller is called dc9.corp.example"),
            (["log", "set", "Loud", "--reason", "x"], RunReply.Types.Result.Failed, "Loud is no level"),
            (["actor", "hierarchy", "-s", "/nowhere"], RunReply.Types.Result.Failed, "there is no actor /nowhere here"),
            (["attempts", "tail", "-v", "Nothing", "--once"], RunReply.Types.Result.Failed, "Nothing is no verdict"),
            (["clutser"], RunReply.Types.Result.Usage, "there is no command clutser: try help"),
        })
        {
            var answer = await _first.RunAsync(words);
            Assert.Equal(result, answer.Done.Result);
            Assert.Contains(message, answer.Done.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', answer.Done.Message);
        }
    }

    [Fact]
    public async Task A_controller_is_taken_out_on_every_node_and_given_back()
    {
        var ejected = (await _first.RunAsync("dc", "eject", "127.0.0.1:9", "--for", "5m", "--reason", "slow")).IsDone();
        Assert.Equal(["agent-1", "agent-2"], ejected.Rows.Select(row => row["node"]).Order());
        Assert.All(ejected.Rows, row => Assert.NotEmpty(row["ejectedUntil"]));
        var list = (await _second.RunAsync("dc", "list")).IsDone();
        Assert.Equal(2, list.Rows.Count(row => row["domainController"] == "127.0.0.1:9" && row["ejectedUntil"].Length > 0));
        Assert.Equal(2, list.Rows.Count(row => row["domainController"] == "127.0.0.2:9" && row["ejectedUntil"].Length == 0));
        Assert.Contains(_second.Log.Since(0).Items, line => line.Event == 2600 && line.Text.Contains("dc eject 127.0.0.1:9 5m: slow", StringComparison.Ordinal));

        var back = (await _second.RunAsync("dc", "readmit", "127.0.0.1:9", "--reason", "well again")).IsDone();
        Assert.All(back.Rows, row => Assert.Empty(row["ejectedUntil"]));
    }

    [Fact]
    public async Task An_agent_is_drained_shown_and_resumed()
    {
        var drained = (await _first.RunAsync("agents", "drain", "agent-2", "--reason", "update")).IsDone();
        Assert.Equal([("agent-2", "drained")], drained.Rows.Select(row => (row["node"], row["state"])));
        var shown = (await _first.RunAsync("agents", "show", "agent-2")).IsDone();
        Assert.Equal([("drained", "acme", "corp.example")], shown.Rows.Select(row => (row["state"], row["tenant"], row["forests"])));
        var resumed = (await _second.RunAsync("agents", "resume", "agent-2", "--reason", "updated")).IsDone();
        Assert.Equal([("agent-2", "no gateway")], resumed.Rows.Select(row => (row["node"], row["state"])));
    }

    [Fact]
    public async Task Attempts_of_all_nodes_are_seen_and_a_clean_sign_in_only_while_somebody_looks()
    {
        var watch = _second.Get<AttemptWatch>();
        watch.Ended(new AttemptId(Guid.CreateVersion7()), "corp.example", Anna, new AttemptEnding.Answered(Verdict.Success), Detail());
        watch.Ended(new AttemptId(Guid.CreateVersion7()), "corp.example", Anna, new AttemptEnding.Answered(Verdict.AccountDisabled), Detail());
        Assert.Single(watch.Ring.Since(0).Items);

        // Looking at failures only is no look at those who sign in.
        Assert.Single((await _first.RunAsync("attempts", "tail", "--once", "--failures")).IsDone().Rows);
        watch.Ended(new AttemptId(Guid.CreateVersion7()), "corp.example", Anna, new AttemptEnding.Answered(Verdict.Success), Detail());
        Assert.Single(watch.Ring.Since(0).Items);
        var rates = (await _first.RunAsync("attempts", "rates", "--steps", "60")).IsDone();
        Assert.Equal(
            [("agent-2", "AccountDisabled", 1), ("agent-2", "Success", 2)],
            rates.Rows.Select(row => (row["node"], row["verdict"], row["counts"].Split(' ').Sum(int.Parse))).Order());

        var failures = (await _first.RunAsync("account", "failures", Anna.ToString())).IsDone();
        Assert.Equal([("agent-2", "AccountDisabled", "1331/50057")], failures.Rows.Select(row => (row["node"], row["verdict"], row["codes"])));
        Assert.Single((await _first.RunAsync("attempts", "tail", "--once", "-v", "AccountDisabled")).IsDone().Rows);

        // A look lasts three seconds, and a busy machine may be later.
        await Wait.UntilAsync(async () =>
        {
            (await _first.RunAsync("attempts", "tail", "--once", "-v", "AccountDisabled")).IsDone();
            watch.Ended(new AttemptId(Guid.CreateVersion7()), "corp.example", Anna, new AttemptEnding.Answered(Verdict.Success), Detail());
            return watch.Ring.Since(0).Items.Length == 2;
        });
        Assert.Equal(2, (await _first.RunAsync("account", "tail", Anna.ToString(), "--once")).IsDone().Rows.Count);
        Assert.Contains("disabled", (await _first.RunAsync("account", "show", Anna.ToString())).Rows[0]["why"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempts_are_seen_as_they_end_by_who_goes_on_looking()
    {
        var watch = _second.Get<AttemptWatch>();
        var seen = new List<string>();
        watch.Ended(new AttemptId(Guid.CreateVersion7()), "corp.example", Anna, new AttemptEnding.Answered(Verdict.AccountDisabled), Detail());
        await using var replies = _first.FollowAsync("attempts", "tail").GetAsyncEnumerator();
        while (seen.Count < 3 && await replies.MoveNextAsync())
        {
            if (replies.Current.Row is not { } row)
            {
                continue;
            }

            seen.AddRange(row.Values.Where(value => value is nameof(Verdict.AccountDisabled) or nameof(Verdict.BadPassword) or nameof(Verdict.Success)));
            var next = seen.Count == 1 ? Verdict.BadPassword : Verdict.Success;

            // One that signs in is kept between two looks that follow soon after each other: not each time on a busy machine.
            var kept = watch.Ring.Since(0).Items.Length;
            await Wait.UntilAsync(() =>
            {
                watch.Ended(new AttemptId(Guid.CreateVersion7()), "corp.example", Anna, new AttemptEnding.Answered(next), Detail());
                return watch.Ring.Since(0).Items.Length > kept;
            });
        }

        Assert.Equal([nameof(Verdict.AccountDisabled), nameof(Verdict.BadPassword), nameof(Verdict.Success)], seen);
    }

    [Fact]
    public async Task Logs_say_more_for_a_time_and_are_seen_from_afar()
    {
        await _first.RunAsync("log", "set", "Debug", "-c", "Passthrough.Agent.Lockout", "--for", "1h", "--reason", "to see");
        var shown = (await _second.RunAsync("log", "show")).IsDone();
        Assert.Equal(2, shown.Rows.Count(row => row["category"] == "Passthrough.Agent.Lockout" && row["level"] == "Debug"));
        var attempt = new AttemptId(Guid.CreateVersion7());
        var granted = (PermitAnswer.Granted)await _first.Get<PermitDesk>().AskAsync(new PermitRequest(Anna, ClientSource.Nowhere, attempt), Within());
        await _first.Get<PermitDesk>().SettleAsync(Anna, attempt, granted.Permit, Settlement.Succeeded, null, Within());
        var lines = (await _first.RunAsync("log", "tail", "--once", "-l", "500", "--level", "Debug")).IsDone();
        Assert.Contains(lines.Rows, row => row["event"] == "2202");
        await _first.RunAsync("log", "set", "Information", "-c", "Passthrough.Agent.Lockout", "--for", "1s", "--reason", "seen");
        await Await.ThatAsync(() => _second.Get<Agent.Hosting.AgentLogging>().Levels.Now.Count == 0, "the level is as before");
    }

    [Fact]
    public async Task A_node_leaves_and_the_others_see_it_go()
    {
        var left = (await _first.RunAsync("cluster", "leave", $"127.0.0.1:{_second.ClusterPort}", "--reason", "update")).IsDone();
        Assert.Equal([$"127.0.0.1:{_second.ClusterPort} has left"], left.Notes);
        Assert.NotEmpty(left.Progress);
        Assert.All(left.Progress, line => Assert.StartsWith("agent-1: 127.0.0.1:", line.Replace("waiting for", "agent-1:", StringComparison.Ordinal), StringComparison.Ordinal));

        // Who keeps the events hears of it by itself.
        await Wait.UntilAsync(async () => (await _first.RunAsync("cluster", "tail", "--once", "-l", "50")).IsDone().Rows
            .Any(row => row["member"].EndsWith($":{_second.ClusterPort}", StringComparison.Ordinal) && row["what"] == "removed"));
    }

    [Fact]
    public async Task Forests_and_routes_are_told_as_they_are_known()
    {
        var list = (await _first.RunAsync("forests", "list")).IsDone();
        Assert.Equal([("corp.example", "no node", "as configured; its directory was not heard yet")], list.Rows.Select(row => (row["forest"], row["reachedBy"], row["names"])));
        var shown = Assert.Single((await _first.RunAsync("forests", "show", "corp.example")).IsDone().Rows);
        Assert.Equal(("corp.example", "no node"), (shown["forest"], shown["reachedBy"]));
        (await _first.RunAsync("dc", "latency")).IsDone();
        var route = (await _first.RunAsync("route", "anna@corp.example")).IsDone();
        Assert.StartsWith("corp.example, ", Assert.Single(route.Rows)["route"], StringComparison.Ordinal);

        // The forest may be on its way to its node.
        await Wait.UntilAsync(async () =>
        {
            var refreshed = await _first.RunAsync("forests", "refresh", "corp.example", "--reason", "a test");
            Assert.Equal(RunReply.Types.Result.Failed, refreshed.Done.Result);
            return refreshed.Done.Message.Contains("corp.example", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task The_logs_of_all_nodes_are_searched_at_once_and_that_is_recorded()
    {
        foreach (var (node, what) in new[] { (_first, "one"), (_second, "two") })
        {
            var options = node.Get<AgentOptions>();
            await AuditLog.AppendAsync(
                new AuditPlace(options.StateDirectory, options.Audit),
                new AuditEntry.Act(TimeProvider.System.GetUtcNow(), "carol", what, "done") { Account = "anna@corp.example" }, TimeProvider.System, Within());
        }

        var found = (await _first.RunAsync("audit", "search", "-a", "Anna@corp.example", "--reason", "she called")).IsDone();

        // Who looked is a record on the same account.
        var told = found.Rows.Where(row => !row["what"].StartsWith("audit search", StringComparison.Ordinal));
        Assert.Equal([("agent-1", "one", "carol"), ("agent-2", "two", "carol")], told.Select(row => (row["node"], row["what"], row["by"])));
        Assert.All(found.Rows, row => Assert.StartsWith("~", row["account"], StringComparison.Ordinal));
        var others = (await _first.RunAsync("audit", "search", "-a", "ben@corp.example", "--reason", "he did not")).IsDone().Rows;
        Assert.All(others, row => Assert.StartsWith("audit search", row["what"], StringComparison.Ordinal));

        var wrong = await _first.RunAsync("audit", "search", "--verdict", "Wrong", "--reason", "a slip");
        Assert.Equal(RunReply.Types.Result.Failed, wrong.Done.Result);
        Assert.Contains("there is no verdict 'Wrong'", wrong.Done.Message, StringComparison.Ordinal);
        Assert.Contains(_second.Log.Since(0).Items, line => line.Text.Contains("audit search", StringComparison.Ordinal) && line.Text.Contains("she called", StringComparison.Ordinal));
    }

    private async Task LockAsync()
    {
        var desk = _first.Get<PermitDesk>();
        for (var i = 0; i < 10; i++)
        {
            var attempt = new AttemptId(Guid.CreateVersion7());
            var granted = (PermitAnswer.Granted)await desk.AskAsync(new PermitRequest(Anna, ClientSource.Nowhere, attempt), Within());
            Assert.True(await desk.SettleAsync(Anna, attempt, granted.Permit, Settlement.Failed, null, Within()));
        }
    }

    private static int Members(OperatorRig rig) => Akka.Cluster.Cluster.Get(rig.Get<Akka.Actor.ActorSystem>()).State.Members.Count(member => member.Status == Akka.Cluster.MemberStatus.Up);

    private static AnswerDetail Detail() => new AttemptDetail(TimeProvider.System, TimeProvider.System.GetTimestamp()).Write();

    private static CancellationToken Within() => new CancellationTokenSource(Await.Patience).Token;
}
