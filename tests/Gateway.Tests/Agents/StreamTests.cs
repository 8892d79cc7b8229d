using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Tests.Support;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Agents;

/// <summary>Who gets a stream, what it is cut for, and what is not believed on it.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task The_gateway_greets_with_what_the_agent_needs_to_know()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        var welcome = (await agent.Current.Greeted).Welcome;
        Assert.Equal((1u, 30_000u, TestGateway.Tenant), (welcome.Version, welcome.HeartbeatMs, welcome.Tenant));
        Assert.Equal([TestGateway.Forest], welcome.Forests);
        Assert.Equal(16, welcome.GatewayInstance.Length);
    }

    [Theory, InlineData(2, 9), InlineData(0, 0), InlineData(0, 1), InlineData(3, 2)]
    public async Task An_agent_of_another_version_is_met_politely(uint oldest, uint newest)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.EnrolAsync("a");
        var stream = await agent.ConnectAsync(change: hello => (hello.OldestVersion, hello.NewestVersion) = (oldest, newest));
        var refused = (await stream.Greeted).Refused;
        Assert.Contains("update whichever is older", refused.Reason, StringComparison.Ordinal);
        Assert.Equal((1u, 1u), (refused.OldestVersion, refused.NewestVersion));
        Assert.Equal(StatusCode.OK, (await stream.Ended.InTimeAsync()).StatusCode);
    }

    [Theory, InlineData(0), InlineData(65_536)]
    public async Task A_greeting_out_of_range_is_refused(uint credits)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.EnrolAsync("a");
        var refusal = await Assert.ThrowsAsync<RpcException>(() => agent.ConnectAsync(credits));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
    }

    [Fact]
    public async Task A_sealing_key_that_the_certificate_did_not_sign_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.EnrolAsync("a");
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => agent.ConnectAsync(
            change: hello => hello.SealingKey = agent.Keyring.Offer(stranger, TimeProvider.System.GetUtcNow())));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Equal(Verdict.NoAgent, (await gateway.ValidateAsync()).Verdict);
    }

    [Fact]
    public async Task A_certificate_of_another_CA_does_not_get_through_the_handshake()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var other = await TestGateway.StartAsync();
        var own = (await gateway.EnrolAsync("a")).Keys;
        var foreign = (await other.EnrolAsync("a")).Keys;
        await using var agent = new ScriptedAgent(gateway.Stream, foreign with { Authority = own.Authority });
        await Assert.ThrowsAsync<RpcException>(() => agent.ConnectAsync());
        Assert.Contains(gateway.Log.All, line => line.EventId == 3000);

        // As above, and the names in it are those of a real agent.
        using var forgedCa = Impostor.SelfSigned();
        using var forgedKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var forged = Impostor.Agent(forgedCa, forgedKey, own.Identity);
        await using var impostor = new ScriptedAgent(gateway.Stream, own with { Key = forgedKey, Certificate = forged });
        await Assert.ThrowsAsync<RpcException>(() => impostor.ConnectAsync());
        Assert.Equal(0, gateway.Get<AgentRegistry>().ConnectedAgents);
    }

    [Fact]
    public async Task A_certificate_that_is_not_an_agents_or_none_at_all_gets_no_stream()
    {
        await using var gateway = await TestGateway.StartAsync();
        var keys = (await gateway.EnrolAsync("a")).Keys;
        using var server = gateway.Get<CertificateAuthority>().IssueServer(
            ["localhost"], TimeSpan.FromHours(1), TimeProvider.System.GetUtcNow());
        await using var asServer = new ScriptedAgent(gateway.Stream, keys with { Certificate = server });
        await Assert.ThrowsAsync<RpcException>(() => asServer.ConnectAsync());
        using var anonymous = AgentKeys.Channel(gateway.Stream, null, keys.Authority);
        await Assert.ThrowsAsync<RpcException>(async () =>
            await new AgentStream.AgentStreamClient(anonymous).RenewAsync(new RenewRequest()));

        // The enrolment listener asks nobody for a certificate, so nobody is an agent there.
        await using var elsewhere = new ScriptedAgent(gateway.Enrolment, keys);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => elsewhere.ConnectAsync());
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
    }

    [Fact]
    public async Task A_certificate_that_the_roster_does_not_know_gets_no_stream()
    {
        await using var gateway = await TestGateway.StartAsync();
        var keys = (await gateway.EnrolAsync("a")).Keys;
        using var issued = gateway.Get<CertificateAuthority>().IssueAgent(
            new PublicKey(keys.Key), keys.Identity, "a", TimeSpan.FromHours(1), TimeProvider.System.GetUtcNow());
        await using var agent = new ScriptedAgent(gateway.Stream, keys with { Certificate = issued.CopyWithPrivateKey(keys.Key) });
        var refusal = await Assert.ThrowsAsync<RpcException>(() => agent.ConnectAsync());
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
    }

    [Fact]
    public async Task A_revoked_agent_is_cut_within_a_second_and_nothing_more_is_sealed_to_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var revoked = await gateway.AgentAsync("revoked");
        await using var other = await gateway.AgentAsync("other");
        Assert.Equal(Verdict.Success, (await gateway.ValidateAsync()).Verdict);
        await gateway.AdminAsync("agent", "revoke", revoked.Id, "--reason", "a test");
        var since = Stopwatch.GetTimestamp();
        Assert.NotEqual(StatusCode.OK, (await revoked.Current.Ended.InTimeAsync()).StatusCode);
        var took = Stopwatch.GetElapsedTime(since);
        Assert.True(took < TimeSpan.FromSeconds(1), $"cut after {took}");

        var before = other.Attempts.Count;
        Assert.Equal((Verdict.Success, other.Id), await gateway.ValidateAsync() is var o ? (o.Verdict, o.AgentId) : default);
        var received = other.Attempts.Skip(before).Single();
        Assert.Single(received.Attempt.Wraps);
        Assert.Equal(
            Passthrough.Wire.Sealing.UnwrapFault.UnknownSession,
            revoked.Keyring.TryUnwrap(received.Attempt, TimeProvider.System.GetUtcNow(), out _));

        await Assert.ThrowsAsync<RpcException>(() => revoked.ConnectAsync());
        await Assert.ThrowsAsync<RpcException>(() => revoked.Keys.RenewAsync(gateway.Stream));
        Assert.Contains(gateway.Log.All, line => line.EventId == 3001);
    }

    [Fact]
    public async Task What_a_revoked_agent_had_in_hand_is_done_by_another()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var revoked = await gateway.AgentAsync("revoked");
        revoked.OnAttempt = _ => Task.CompletedTask;
        var validation = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !revoked.Attempts.IsEmpty, "the agent has the attempt");
        await using var other = await gateway.AgentAsync("other");
        await gateway.AdminAsync("agent", "revoke", revoked.Id, "--reason", "a test");
        var outcome = await validation.InTimeAsync();
        Assert.Equal((Verdict.Success, other.Id), (outcome.Verdict, outcome.AgentId));
    }

    [Fact]
    public async Task A_forged_verdict_is_not_believed_and_told_loudly()
    {
        using var counted = new Counted("passthrough.gateway.forged_answers");
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = received =>
        {
            var answer = received.Opened!.Answer((uint)Verdict.BadPassword, new AnswerDetail());
            answer.Verdict = (uint)Verdict.Success;
            return received.Stream.SendAsync(new FromAgent { Answer = answer });
        };
        var outcome = await gateway.ValidateAsync(password: "wrong");
        Assert.Equal((Verdict.ForgedOrReplayedResult, null), (outcome.Verdict, outcome.AgentId));
        var line = Assert.Single(gateway.Log.All, line => line.EventId == 3033);
        Assert.Equal(LogLevel.Critical, line.Level);
        Assert.Contains(outcome.Attempt.ToString(), line.Text, StringComparison.Ordinal);
        Assert.Equal(1, counted.All);
    }

    [Fact]
    public async Task A_verdict_without_a_MAC_and_one_that_does_not_exist_are_not_believed()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = received =>
        {
            var answer = received.Opened!.Answer((uint)Verdict.Success, new AnswerDetail());
            answer.Mac = ByteString.Empty;
            return received.Stream.SendAsync(new FromAgent { Answer = answer });
        };
        Assert.Equal(Verdict.InvalidAgentResponse, (await gateway.ValidateAsync()).Verdict);
        foreach (var unknown in (uint[])[0, 999, uint.MaxValue])
        {
            agent.OnAttempt = received => received.Stream.SendAsync(
                new FromAgent { Answer = received.Opened!.Answer(unknown, new AnswerDetail()) });
            Assert.Equal(Verdict.InvalidAgentResponse, (await gateway.ValidateAsync()).Verdict);
        }
    }

    [Fact]
    public async Task An_answer_given_by_a_peer_that_may_open_the_attempt_is_believed()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var peer = await gateway.AgentAsync("peer", credits: 1);
        peer.OnAttempt = _ => Task.CompletedTask;
        var held = gateway.ValidateAsync();
        await Eventually.TrueAsync(() => !peer.Attempts.IsEmpty, "the peer has its hands full");
        await using var receiver = await gateway.AgentAsync("receiver");
        receiver.OnAttempt = received =>
        {
            var now = TimeProvider.System.GetUtcNow();
            Assert.Equal(Passthrough.Wire.Sealing.UnwrapFault.None, peer.Keyring.TryUnwrap(received.Attempt, now, out var opened));
            return received.Stream.SendAsync(new FromAgent { Answer = opened!.Answer((uint)Verdict.Success, new AnswerDetail()) });
        };
        var outcome = await gateway.ValidateAsync();
        Assert.Equal((Verdict.Success, peer.Id), (outcome.Verdict, outcome.AgentId));
        await peer.Attempts.Single().AnswerAsync(Verdict.BadPassword);
        Assert.Equal(Verdict.BadPassword, (await held).Verdict);
    }

    [Fact]
    public async Task An_answer_to_what_was_not_asked_changes_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        agent.OnAttempt = async received =>
        {
            var answer = received.Opened!.Answer((uint)Verdict.Success, new AnswerDetail());
            var otherNumber = answer.Clone();
            otherNumber.AttemptNumber++;
            var otherAttempt = answer.Clone();
            otherAttempt.AttemptId = ByteString.CopyFrom(new byte[16]);
            foreach (var wrong in (Answer[])[otherNumber, otherAttempt, new Answer()])
            {
                await received.Stream.SendAsync(new FromAgent { Answer = wrong });
            }

            await received.AnswerAsync(Verdict.BadPassword);
            await received.AnswerAsync(Verdict.Success);
        };
        Assert.Equal(Verdict.BadPassword, (await gateway.ValidateAsync()).Verdict);
        Assert.Equal(Verdict.BadPassword, (await gateway.ValidateAsync()).Verdict);
    }

    [Fact]
    public async Task A_message_of_10_MB_ends_the_stream_and_harms_nobody_else()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var greedy = await gateway.AgentAsync("greedy");
        await using var other = await gateway.AgentAsync("other");
        var big = new FromAgent { Draining = new Draining { Reason = new string('x', 10 * 1024 * 1024) } };
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await greedy.Current.SendAsync(big);
            await greedy.Current.SendAsync(big);
        });
        Assert.Equal(StatusCode.ResourceExhausted, (await greedy.Current.Ended.InTimeAsync()).StatusCode);
        Assert.Equal((Verdict.Success, other.Id), await gateway.ValidateAsync() is var o ? (o.Verdict, o.AgentId) : default);
    }

    [Fact]
    public async Task A_second_greeting_ends_the_stream()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var agent = await gateway.AgentAsync("a");
        await agent.Current.SendAsync(new FromAgent { Hello = new Hello { Credits = 1 } });
        Assert.Equal(StatusCode.InvalidArgument, (await agent.Current.Ended.InTimeAsync()).StatusCode);
    }
}
