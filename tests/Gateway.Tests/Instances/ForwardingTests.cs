using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Storage;
using Passthrough.Gateway.Tests.Monitoring;
using Passthrough.Gateway.Tests.SignIn;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Gateway.Tests.TenantPage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Instances;

/// <summary>Two whole instances of a gateway on one PostgreSQL; agents connect where the test says.</summary>
public sealed class ForwardingTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-instances-");
    private TestGateway _here = null!, _there = null!;

    public async Task InitializeAsync()
    {
        await using (var context = GatewayContextFactory.Create(server.ConnectionString, "").CreateDbContext())
        {
            await context.Database.ExecuteSqlRawAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        }

        var file = Path.Combine(_folder.FullName, "connection");
        await File.WriteAllTextAsync(file, server.ConnectionString);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        _there = await TestGateway.StartAsync(
            options => options.Database.ConnectionStringFile = file, "--suffix", $"shared.example={TestGateway.Forest},{TestGateway.OtherForest}");
        _here = await TestGateway.StartBesideAsync(_there);
        await Eventually.TrueAsync(() => OthersOf(_here) == 1 && OthersOf(_there) == 1, "the instances know each other");
    }

    public async Task DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_has_no_agent_here_goes_to_one_of_the_other_instance_sealed_for_that_agent()
    {
        using var counted = new Counted("passthrough.gateway.forwarded");
        await using var agent = await ThereAsync("one");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Verdict.Success, (await _here.ValidateAsync()).Verdict);
        }

        var wrong = await _here.ValidateAsync(password: "wrong");
        Assert.Equal((Verdict.BadPassword, agent.Id, "one", 1), (wrong.Verdict, wrong.AgentId, wrong.AgentName, wrong.Dispatches));
        Assert.Equal(Verdict.Success, (await _there.ValidateAsync()).Verdict);

        // Each opened by the agent; the instance between them is not who sealed, and is told the session in one announcement.
        var forwarded = agent.Attempts.Where(each => each.Opened!.Header.GatewayInstance == _here.Get<GatewayInstance>().Id).ToList();
        Assert.Equal(6, forwarded.Count);
        Assert.True(counted.All >= 6);
        Assert.Single(forwarded.Select(each => Assert.Single(each.Attempt.Wraps).SessionId).Distinct());
        Assert.Single(agent.Attempts, each => each.Opened!.Header.GatewayInstance == _there.Get<GatewayInstance>().Id);
    }

    [Fact]
    public async Task An_instance_whose_sign_ins_go_through_another_is_of_use_and_says_so()
    {
        await using var agent = await ThereAsync("one");
        await GatewayHealthTests.HasAsync(
            _here, 200, "no agent for corp.example of contoso is connected here: sign-ins go through other instances, which have 1");
        await GatewayHealthTests.HasAsync(_there, 200, "for all of 1 forests");
        await agent.DisposeAsync();
        await GatewayHealthTests.HasAsync(_here, 503, "no agent for corp.example of contoso is connected");
    }

    [Fact]
    public async Task A_tenant_page_names_the_agents_of_the_other_instance_and_its_session_is_good_at_both_until_it_is_signed_out()
    {
        await using var agent = await ThereAsync("one");
        var key = (string)(await _here.AdminAsync("pagekey", "create", "--tenant", TestGateway.Tenant, "--name", "Ida"))["key"]!;
        using var visitor = new Visitor(_here.Client());
        await Eventually.TrueAsync(() => TenantSite.SignInAsync(visitor, key).Result.Code == 303, "this instance knows the key");
        var page = await visitor.GetAsync("/tenant");
        await Eventually.TrueAsync(
            () => (page = visitor.GetAsync("/tenant").Result).Html.Contains($"connected to {_there.Stream.Authority} only", StringComparison.Ordinal),
            "the agent is named");
        Assert.Contains("one of 2 gateway instances", page.Html, StringComparison.Ordinal);
        Assert.Contains("through other instances only, by 1 agents", page.Html, StringComparison.Ordinal);

        // Cookies of one host name are sent to all of its ports: the browser is signed in at both.
        await Eventually.TrueAsync(() => visitor.GetAsync(new Uri(_there.Page, "/tenant").ToString()).Result.Code == 200, "the other instance knows the key");
        Assert.Equal(303, (await visitor.PostAsync("/tenant/sign-out", (await visitor.GetAsync("/tenant/search")).Token)).Code);
        using var other = new Visitor(_there.Client());
        Assert.Equal(303, (await TenantSite.SignInAsync(other, key)).Code);
        Assert.Equal(200, (await other.GetAsync("/tenant")).Code);
        Assert.Equal(303, (await other.PostAsync("/tenant/sign-out", (await other.GetAsync("/tenant/search")).Token)).Code);
        await Eventually.TrueAsync(() => other.GetAsync(new Uri(_here.Page, "/tenant").ToString()).Result.Code == 303, "it is over at both");
    }

    [Fact]
    public async Task What_was_forwarded_is_not_forwarded_again()
    {
        await using var agent = await _here.AgentAsync("one");

        // The other instance has no agent, and knows that this one has.
        await Eventually.TrueAsync(() => _there.Get<TenantDirectory>().Now.FindAgent(agent.Id) is not null, "the other instance knows the agent");
        Assert.Equal(Verdict.Success, (await _there.ValidateAsync()).Verdict);
        var question = new FindName
        {
            SearchId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
            Forest = TestGateway.Forest,
            UserName = "anna@corp.example",
            RemainingMs = 5000,
        };
        var reply = await _here.Get<InstanceLinks>().To(_there.Stream).ForwardAsync(
            new ForwardRequest { Tenant = TestGateway.Tenant, Forest = TestGateway.Forest, AgentId = agent.Id, FindName = question });
        Assert.Equal(DispatchEnd.NotWritten, (DispatchEnd)reply.End);
        Assert.Empty(agent.Searches);
    }

    [Fact]
    public async Task Without_an_agent_anywhere_the_answer_comes_within_a_second_or_so()
    {
        var outcome = await _here.ValidateAsync();
        Assert.Equal((Verdict.NoAgent, 0), (outcome.Verdict, outcome.Dispatches));
        Assert.InRange(outcome.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task An_agent_of_the_other_instance_that_dies_with_an_attempt_is_followed_by_the_next_under_the_same_id()
    {
        await using var one = await ThereAsync("one");
        await using var two = await ThereAsync("two");
        var first = 0;
        foreach (var agent in (ScriptedAgent[])[one, two])
        {
            agent.OnAttempt = async received =>
            {
                if (Interlocked.Increment(ref first) == 1)
                {
                    await agent.Current.DisposeAsync();
                    return;
                }

                await ScriptedAgent.KnowOnePassword(received);
            };
        }

        var outcome = await _here.ValidateAsync();
        Assert.Equal((Verdict.Success, 2), (outcome.Verdict, outcome.Dispatches));
        var sent = one.Attempts.Concat(two.Attempts).Select(each => each.Opened!.Header).OrderBy(each => each.AttemptNumber).ToList();
        Assert.Equal([1, 2], sent.Select(each => (int)each.AttemptNumber));
        Assert.Single(sent.Select(each => each.AttemptId).Distinct());
    }

    [Fact]
    public async Task An_agent_that_cannot_open_what_came_from_elsewhere_gets_a_new_session()
    {
        await using var agent = await ThereAsync("one");
        Assert.Equal(Verdict.Success, (await _here.ValidateAsync()).Verdict);

        // A new stream offers another key: what was sealed to the old one is told from what can be opened.
        await agent.ConnectAsync();
        Assert.Equal(Verdict.Success, (await _here.ValidateAsync()).Verdict);
    }

    [Fact]
    public async Task An_agent_here_comes_first_and_an_instance_that_is_gone_is_missed_by_nobody()
    {
        await using var there = await ThereAsync("one");
        await using var here = await _here.AgentAsync("two");
        Assert.Equal("two", (await _here.ValidateAsync()).AgentName);
        await _there.StopAsync();
        Assert.Equal("two", (await _here.ValidateAsync()).AgentName);
        await here.DisposeAsync();
        await Eventually.TrueAsync(() => _here.Get<AgentRegistry>().ConnectedAgents == 0, "the agent is gone");
        Assert.Equal(Verdict.NoAgent, (await _here.ValidateAsync()).Verdict);
    }

    [Fact]
    public async Task A_name_of_several_forests_is_searched_at_agents_of_the_other_instance()
    {
        await using var corp = await ThereAsync("corp");
        await using var fabrikam = await ThereAsync("fabrikam", TestGateway.OtherForest);
        fabrikam.OnFind = asked => new NameFound
        {
            SearchId = asked.SearchId,
            Result = NameFound.Types.Result.Found,
            Account = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
        };
        var outcome = await _here.ValidateAsync("anna@shared.example");
        Assert.Equal((Verdict.Success, "fabrikam"), (outcome.Verdict, outcome.AgentName));
        Assert.Single(corp.Searches);
        Assert.Empty(corp.Attempts);
    }

    [Fact]
    public async Task Nobody_but_an_instance_may_ask_for_agents_or_send_to_them()
    {
        await using var agent = await ThereAsync("one");
        using var asAgent = AgentKeys.Channel(_there.Stream, agent.Keys.Certificate, agent.Keys.Authority);
        using var asNobody = AgentKeys.Channel(_there.Enrolment, null, agent.Keys.Authority);
        foreach (var channel in new[] { asAgent, asNobody })
        {
            var client = new GatewayPeer.GatewayPeerClient(channel);
            var asked = await Assert.ThrowsAsync<RpcException>(async () => await client.AgentsAsync(
                new ConnectedAgentsRequest { Tenant = TestGateway.Tenant, Forest = TestGateway.Forest }));
            var sent = await Assert.ThrowsAsync<RpcException>(async () => await client.ForwardAsync(new ForwardRequest()));
            Assert.Equal((StatusCode.PermissionDenied, StatusCode.PermissionDenied), (asked.StatusCode, sent.StatusCode));
        }

        // And an instance is no agent.
        using var instance = _here.Get<CertificateAuthority>().IssueServer(["localhost"], TimeSpan.FromHours(1), TimeProvider.System.GetUtcNow());
        using var asInstance = AgentKeys.Channel(_there.Stream, instance, agent.Keys.Authority);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await new AgentStream.AgentStreamClient(asInstance).PeersAsync(new PeersRequest()));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task What_is_no_work_for_the_forest_that_it_names_is_refused()
    {
        var client = _here.Get<InstanceLinks>().To(_there.Stream);
        var question = new FindName { SearchId = ByteString.CopyFrom(new byte[16]), Forest = TestGateway.OtherForest };
        foreach (var work in (ForwardRequest[])[new() { FindName = question }, new() { Attempt = new Attempt() }, new()])
        {
            (work.Tenant, work.Forest) = (TestGateway.Tenant, TestGateway.Forest);
            var fault = await Assert.ThrowsAsync<RpcException>(async () => await client.ForwardAsync(work));
            Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        }
    }

    [Fact]
    public async Task Agents_that_enrol_at_one_instance_are_told_of_all_and_known_to_all()
    {
        await using var agent = await _here.EnrolAsync("one", TestGateway.Forest);
        string[] addresses = [_here.Stream.GetLeftPart(UriPartial.Authority), _there.Stream.GetLeftPart(UriPartial.Authority)];
        Assert.Equal(addresses.Order(StringComparer.Ordinal), agent.Keys.Reply.StreamAddresses);
        await using var elsewhere = new ScriptedAgent(_there.Stream, agent.Keys);
        await elsewhere.ConnectAsync();
        Assert.Equal(Verdict.Success, (await _there.ValidateAsync()).Verdict);
        await _here.AdminAsync("agent", "revoke", agent.Id, "--reason", "a test");
        await elsewhere.Current.Ended.InTimeAsync();
    }

    /// <summary>An agent that is connected to the other instance only, and that this one has heard of.</summary>
    private async Task<ScriptedAgent> ThereAsync(string name, string forest = TestGateway.Forest)
    {
        var agent = await _there.AgentAsync(name, forests: forest);
        await Eventually.TrueAsync(() => _here.Get<TenantDirectory>().Now.FindAgent(agent.Id) is not null, "this instance knows the agent");
        return agent;
    }

    private static int OthersOf(TestGateway gateway) => gateway.Get<InstanceWatch>().Others.Count;
}
