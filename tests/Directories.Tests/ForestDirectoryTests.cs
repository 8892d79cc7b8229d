using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests;

/// <summary>What a forest does with controllers that behave oddly.</summary>
public sealed class ForestDirectoryTests
{
    [Fact]
    public async Task A_wrong_password_is_final_and_asked_of_one_controller_only()
    {
        await using var bench = new ForestBench(servers: 3);
        var rounds = 0;
        await ForestBench.UntilAsync(
            async () =>
            {
                var reply = await bench.BindAsync();
                Assert.Equal((Verdict.BadPassword, true), (reply.Verdict, reply.MayHaveBeenSent));
                rounds++;
                return bench.Servers.All(each => !each.Binds.IsEmpty);
            },
            "each controller is asked, drawn at random");
        Assert.Equal(rounds, bench.Servers.Sum(each => each.Binds.Count));
    }

    [Fact]
    public async Task The_bind_goes_to_the_controller_that_has_just_answered_the_lookup()
    {
        await using var bench = new ForestBench(servers: 3);
        for (var round = 0; round < 6; round++)
        {
            var found = Assert.IsType<LookupReply.Found>(await bench.FindAsync());
            Assert.Equal(found.Account.FoundAt, (await bench.BindAsync(found.Account.FoundAt)).DomainController);
        }
    }

    [Fact]
    public async Task A_controller_that_refuses_connections_is_left_for_another_before_anything_is_sent()
    {
        await using var bench = new ForestBench(servers: 2);
        await bench.Servers[0].DisposeAsync();
        for (var round = 0; round < 4; round++)
        {
            Assert.IsType<LookupReply.Found>(await bench.FindAsync());
            Assert.Equal((Verdict.BadPassword, bench.Servers[1].Address), Of(await bench.BindAsync(bench.Servers[0].Address)));
        }

        Assert.Contains(bench.Log.Lines, each => each.Id == 1003);
    }

    [Fact]
    public async Task With_no_controller_left_there_is_no_verdict_and_nothing_was_sent()
    {
        await using var bench = new ForestBench(servers: 2);
        await Task.WhenAll(bench.Servers.Select(each => each.DisposeAsync().AsTask()));
        Assert.Equal(new LookupReply.NoVerdict(Verdict.NoDomainController), await bench.FindAsync());
        var reply = await bench.BindAsync();
        Assert.Equal((Verdict.NoDomainController, false), (reply.Verdict, reply.MayHaveBeenSent));
        Assert.False(bench.Directory.IsReachable);
    }

    [Fact]
    public async Task A_bind_that_is_not_answered_is_not_sent_to_another_controller()
    {
        await using var bench = new ForestBench(servers: 2, options => options.BindTimeout = TimeSpan.FromSeconds(1.5));
        bench.Servers[0].Script = question => IsBindOfAlice(question) ? [] : null;
        var reply = await bench.BindAsync(bench.Servers[0].Address);
        Assert.Equal((Verdict.DirectoryTimeoutAfterSend, true), (reply.Verdict, reply.MayHaveBeenSent));
        Assert.Equal(bench.Servers[0].Address, reply.DomainController);
        Assert.Empty(bench.Servers[1].Binds);
        await ForestBench.UntilAsync(() => bench.Servers[0].OpenConnections <= 1, "the silent connection is closed");
    }

    [Theory]
    [InlineData("cut"), InlineData("garbage"), InlineData("endless"), InlineData("notice")]
    public async Task A_bind_whose_answer_is_lost_or_unreadable_may_have_been_sent(string how)
    {
        await using var bench = new ForestBench(servers: 2);
        var server = bench.Servers[0];
        server.Script = question =>
        {
            if (!IsBindOfAlice(question))
            {
                return null;
            }

            if (how == "cut")
            {
                server.CutAll();
            }

            return how switch
            {
                "garbage" => "SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray(),
                "endless" => [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, .. new byte[100_000]],
                _ => Answers.NoticeOfDisconnection(),
            };
        };
        var reply = await bench.BindAsync(server.Address);
        Assert.Equal((Verdict.DirectoryTimeoutAfterSend, true), (reply.Verdict, reply.MayHaveBeenSent));
        Assert.Empty(bench.Servers[1].Binds);
        Assert.Equal(Verdict.BadPassword, (await bench.BindAsync(bench.Servers[1].Address)).Verdict);
    }

    [Theory]
    [InlineData(51, Verdict.DirectoryBusy), InlineData(52, Verdict.DirectoryBusy)]
    [InlineData(8, Verdict.DirectoryRefused), InlineData(53, Verdict.DirectoryRefused), InlineData(1, Verdict.DirectoryRefused)]
    public async Task An_answer_that_is_no_opinion_about_the_password_is_told_as_such(int result, Verdict verdict)
    {
        await using var bench = new ForestBench(servers: 1);
        bench.Servers[0].Script = question => IsBindOfAlice(question) ? Answers.Bind(question.Id, result, "00002028: why") : null;
        Assert.Equal(verdict, (await bench.BindAsync()).Verdict);
        Assert.Contains(bench.Log.Lines, each => each.Id == 1008 && each.Line.Contains("00002028: why", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_controller_that_is_too_busy_to_search_is_left_for_another()
    {
        await using var bench = new ForestBench(servers: 2);
        bench.Servers[0].Script = question => IsSearchForPeople(question) ? Answers.Done(question.Id, 51) : null;
        for (var round = 0; round < 4; round++)
        {
            var found = Assert.IsType<LookupReply.Found>(await bench.FindAsync());
            Assert.Equal(bench.Servers[1].Address, found.Account.FoundAt);
        }
    }

    [Fact]
    public async Task A_controller_that_does_not_answer_a_search_is_left_for_another_and_gets_no_sign_in()
    {
        using var ejections = new Counted("passthrough.directories.ejections");
        await using var bench = new ForestBench(
            servers: 2, options => options.SearchTimeout = TimeSpan.FromSeconds(1.5),
            servers => servers[0].Script = question => question.Operation == Question.Search ? [] : null);
        var found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => bench.FindAsync()));
        Assert.All(found, each => Assert.Equal(
            bench.Servers[1].Address, Assert.IsType<LookupReply.Found>(each).Account.FoundAt));
        for (var round = 0; round < 6; round++)
        {
            Assert.Equal(bench.Servers[1].Address, (await bench.BindAsync(bench.Servers[0].Address)).DomainController);
        }

        Assert.Empty(bench.Servers[0].Binds);
        Assert.Equal(1, ejections[$"domain_controller={bench.Servers[0].Address}"]);
    }

    [Fact]
    public async Task A_controller_that_is_back_is_found_by_a_probe_and_used_again()
    {
        await using var bench = new ForestBench(
            servers: 2, options => options.SearchTimeout = TimeSpan.FromSeconds(1.5),
            servers => servers[0].Script = question => question.Operation == Question.Search ? [] : null);
        await Task.WhenAll(bench.FindAsync(), bench.FindAsync());
        bench.Servers[0].Script = null;
        await ForestBench.UntilAsync(() => bench.Log.Lines.Any(each => each.Id == 1004), "the controller answers a probe");
        Assert.Equal(bench.Servers[0].Address, (await bench.BindAsync(bench.Servers[0].Address)).DomainController);
    }

    [Fact]
    public async Task A_dead_connection_is_replaced_without_anybody_noticing()
    {
        await using var bench = new ForestBench(servers: 1);
        for (var round = 0; round < 3; round++)
        {
            Assert.IsType<LookupReply.Found>(await bench.FindAsync());
            Assert.Equal(Verdict.BadPassword, (await bench.BindAsync()).Verdict);
            bench.Servers[0].CutAll();
            await ForestBench.UntilAsync(() => bench.Directory.OpenConnections == 0, "the client noticed");
        }

        Assert.Equal(3, bench.Servers[0].Binds.Count);
    }

    [Fact]
    public async Task Binds_wait_for_a_free_connection_and_end_by_their_deadline_when_none_comes()
    {
        await using var bench = new ForestBench(servers: 1, options => options.ConnectionsPerDomainController = 1);
        using var gate = new ManualResetEventSlim();
        bench.Servers[0].Script = question =>
        {
            if (IsBindOfAlice(question))
            {
                gate.Wait(TimeSpan.FromSeconds(30));
            }

            return null;
        };
        var first = bench.BindAsync();
        await ForestBench.UntilAsync(() => bench.Servers[0].Binds.Count == 1, "the first bind is with the server");
        var late = await bench.BindAsync(seconds: 0.3);
        Assert.Equal((Verdict.DirectoryTimeout, false), (late.Verdict, late.MayHaveBeenSent));
        var second = bench.BindAsync();
        gate.Set();
        Assert.Equal(Verdict.BadPassword, (await first).Verdict);
        Assert.Equal(Verdict.BadPassword, (await second).Verdict);
        Assert.Equal(2, bench.Servers[0].Binds.Count);
    }

    [Fact]
    public async Task No_more_connections_are_opened_than_are_allowed()
    {
        await using var bench = new ForestBench(servers: 1, options => options.ConnectionsPerDomainController = 3);
        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bench.BindAsync()));
        Assert.All(replies, each => Assert.Equal(Verdict.BadPassword, each.Verdict));
        Assert.InRange(bench.Servers[0].Accepted, 1, 4); // Three for binds, one for searches.
    }

    [Fact]
    public async Task An_account_whose_identity_cannot_be_read_is_not_bound()
    {
        await using var bench = new ForestBench(servers: 1);
        bench.Servers[0].Script = question => IsSearchForPeople(question)
            ? [.. Answers.Entry(question.Id, "CN=alice", ("objectGUID", [[1, 2, 3]])), .. Answers.Done(question.Id)]
            : null;
        Assert.Equal(new LookupReply.NoVerdict(Verdict.DirectoryRefused), await bench.FindAsync());
    }

    [Fact]
    public async Task Two_accounts_by_one_name_are_ambiguous_and_reported()
    {
        await using var bench = new ForestBench(servers: 1);
        bench.Servers[0].Script = question => IsSearchForPeople(question)
            ? [.. Answers.Account(question.Id, "CN=a", Guid.NewGuid()), .. Answers.Account(question.Id, "CN=b", Guid.NewGuid()),
                .. Answers.Done(question.Id, 4)]
            : null;
        Assert.Equal(new LookupReply.NotFound(Verdict.AmbiguousRoute), await bench.FindAsync());
        Assert.Contains(bench.Log.Lines, each => each.Id == 1006 && each.Line.Contains("CN=a and CN=b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_service_account_is_not_tried_again_on_any_controller_until_its_password_file_changes()
    {
        await using var bench = new ForestBench(servers: 3, script: servers => Array.ForEach(servers, server => server.Script = question =>
            question.Operation == Question.Bind && question.ReadBind().Password == "service"
                ? Answers.Bind(question.Id, 49, Answers.WrongPassword)
                : null));
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(new LookupReply.NoVerdict(Verdict.DirectoryRefused), await bench.FindAsync());
        }

        var check = await bench.Directory.CheckAsync(Peer.Soon);
        Assert.Contains("the service account svc@corp.example is refused", check.Fault, StringComparison.Ordinal);
        Assert.Contains("BadPassword (result 49, data 52e)", check.Fault, StringComparison.Ordinal);
        Assert.Equal(1, bench.Servers.Sum(each => each.ServiceBinds));

        File.WriteAllText(bench.Options.ServiceAccountPasswordFile, "other");
        File.SetLastWriteTimeUtc(bench.Options.ServiceAccountPasswordFile, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.IsType<LookupReply.Found>(await bench.FindAsync());
    }

    [Fact]
    public async Task A_check_of_a_sound_forest_finds_no_fault_and_warns_of_plain_LDAP()
    {
        await using var bench = new ForestBench(servers: 2);
        var check = await bench.Directory.CheckAsync(Peer.Soon);
        Assert.Null(check.Fault);
        Assert.Equal(bench.Servers.Select(each => $"{each.Address}: ready"), check.DomainControllers);
        Assert.True(bench.Directory.IsReachable);
        Assert.Contains(bench.Log.Lines, each => each.Id == 1000);
    }

    [Fact]
    public async Task A_check_names_a_clock_that_is_far_off()
    {
        await using var bench = new ForestBench(servers: 1, script: servers => servers[0].Script = question =>
            question.Operation == Question.Search && question.ReadBase().Length == 0
                ? [.. Answers.Entry(question.Id, "", ("currentTime", ["20010101000000.0Z"u8.ToArray()])), .. Answers.Done(question.Id)]
                : null);
        Assert.Null((await bench.Directory.CheckAsync(Peer.Soon)).Fault);
        Assert.Contains(bench.Log.Lines, each => each.Id == 1007);
    }

    [Fact]
    public async Task Closing_the_directory_leaves_no_connection()
    {
        await using var bench = new ForestBench(servers: 2);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => bench.BindAsync()));
        await bench.Directory.CheckAsync(Peer.Soon);
        await bench.Directory.DisposeAsync();
        await ForestBench.UntilAsync(() => bench.Servers.All(each => each.OpenConnections == 0), "all connections are closed");
    }

    private static (Verdict, string) Of(BindReply reply) => (reply.Verdict, reply.DomainController);

    private static bool IsBindOfAlice(Question question) =>
        question.Operation == Question.Bind && question.ReadBind().Name == "CN=alice";

    private static bool IsSearchForPeople(Question question) =>
        question.Operation == Question.Search && question.ReadBase().Length > 0;
}
