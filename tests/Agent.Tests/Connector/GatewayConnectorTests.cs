using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Connector;

public sealed class GatewayConnectorTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    [Fact]
    public async Task An_agent_greets_with_its_credits_and_a_signed_sealing_key()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var greeted = new TaskCompletionSource<Hello>();
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            greeted.SetResult(await Script.WelcomeAsync(fromAgent, toAgent));
            await fromAgent.IdleAsync(context);
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer(), credits: 8);

        await agent.StartAsync();
        var hello = await greeted.Task.InTime();

        Assert.Equal((1u, 1u, 8u), (hello.OldestVersion, hello.NewestVersion, hello.Credits));
        using var key = agent.Identity.Value.Certificate.GetECDsaPublicKey();
        Assert.Equal(
            OfferFault.None,
            SealingSessionSender.TryOpen(hello.SealingKey, ConnectorRig.Name, key!, TimeProvider.System.GetUtcNow(), out var session));
        session!.Dispose();
    }

    [Fact]
    public async Task Streams_follow_the_list_of_the_gateways_instances_and_share_what_the_agent_can_hold()
    {
        var gateways = new List<ScriptedGateway>();
        var hellos = new ConcurrentQueue<(Uri Gateway, uint Credits)>();
        for (var i = 0; i < 3; i++)
        {
            var gateway = await ScriptedGateway.StartAsync(_authority);
            gateway.OnConnect = async (fromAgent, toAgent, context) =>
            {
                hellos.Enqueue((gateway.StreamAddress, (await Script.WelcomeAsync(fromAgent, toAgent, heartbeatMs: 1000)).Credits));
                await foreach (var message in fromAgent.UntilDrainingAsync(context))
                {
                    if (message.BodyCase == FromAgent.BodyOneofCase.Heartbeat)
                    {
                        await toAgent.WriteAsync(new FromGateway { Heartbeat = new GatewayHeartbeat() });
                    }
                    else if (message.BodyCase == FromAgent.BodyOneofCase.Credit)
                    {
                        hellos.Enqueue((gateway.StreamAddress, message.Credit.Credits));
                    }
                }
            };
            gateways.Add(gateway);
        }

        await using var agent = new ConnectorRig(_authority, [gateways[0].StreamAddress], _ => Answer(), credits: 9);
        await agent.StartAsync();
        await Await.ThatAsync(() => agent.Connected == 1, "the first stream");
        agent.Gateways.Accept([.. gateways.Select(gateway => gateway.StreamAddress.ToString())]);
        await Await.ThatAsync(() => agent.Connected == 3, "a stream to each");
        await Await.ThatAsync(() => hellos.Any(each => each == (gateways[0].StreamAddress, 6u)), "the first is told its share");
        Assert.Equal([9u, 6u, 6u], hellos.GroupBy(each => each.Gateway).Select(each => each.First().Credits).OrderDescending());

        agent.Gateways.Accept([gateways[2].StreamAddress.ToString(), gateways[1].StreamAddress.ToString()]);
        await Await.ThatAsync(() => agent.Connected == 2, "the first stream is drained");
        agent.Gateways.Accept([]);
        agent.Gateways.Accept(["http://plain.example:1"]);
        Assert.Equal(2, agent.Gateways.Now.Count);
        var kept = new IdentityStore(agent.StateDirectory, TimeProvider.System).LoadRecord();
        Assert.Equal([gateways[2].StreamAddress, gateways[1].StreamAddress], kept.StreamAddresses);
        await agent.StopAsync();
        foreach (var gateway in gateways)
        {
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_attempt_gets_one_answer_on_the_stream_it_came_from()
    {
        const int Count = 500;
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var answered = new ConcurrentBag<Guid>();
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            for (var i = 0; i < Count; i++)
            {
                await toAgent.WriteAsync(Script.Attempt());
            }

            await foreach (var message in fromAgent.UntilDrainingAsync(context))
            {
                if (Script.AttemptOf(message) is { } id)
                {
                    answered.Add(id);
                }
            }
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], incoming => Script.Answer(incoming), credits: 256);

        await agent.StartAsync();

        await Await.ThatAsync(() => answered.Count >= Count, "all answers");
        Assert.Equal(Count, answered.Distinct().Count());
    }

    [Fact]
    public async Task What_does_not_fit_in_is_refused_at_once_as_busy()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var refused = new ConcurrentBag<NotAttempted>();
        var release = new TaskCompletionSource();
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            for (var i = 0; i < 10; i++)
            {
                await toAgent.WriteAsync(Script.Attempt());
            }

            await foreach (var message in fromAgent.UntilDrainingAsync(context))
            {
                if (message.BodyCase == FromAgent.BodyOneofCase.NotAttempted)
                {
                    refused.Add(message.NotAttempted);
                }
            }
        };
        await using var agent = new ConnectorRig(
            _authority,
            [gateway.StreamAddress],
            async incoming =>
            {
                await release.Task;
                return await Script.Answer(incoming);
            },
            credits: 3);

        await agent.StartAsync();

        // Three are worked on and three wait; a worker may take one up a little later than it came, and then one more fits.
        await Await.ThatAsync(() => refused.Count >= 4, "the rest is refused while the others are still worked on");
        Assert.All(refused, r => Assert.Equal(NotAttempted.Types.Reason.Busy, r.Reason));
        release.SetResult();
    }

    [Fact]
    public async Task A_gateway_that_falls_silent_is_left_and_dialled_again()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var connects = 0;
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            Interlocked.Increment(ref connects);
            await Script.WelcomeAsync(fromAgent, toAgent, heartbeatMs: 200);
            await fromAgent.IdleAsync(context);
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer());

        await agent.StartAsync();

        await Await.ThatAsync(() => Volatile.Read(ref connects) >= 2, "a second stream");
    }

    [Fact]
    public async Task A_gateway_that_beats_is_stayed_with_and_hears_beats_too()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var (connects, beats) = (0, 0);
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            Interlocked.Increment(ref connects);
            await Script.WelcomeAsync(fromAgent, toAgent, heartbeatMs: 60_000);
            await foreach (var message in fromAgent.UntilDrainingAsync(context))
            {
                if (message.BodyCase == FromAgent.BodyOneofCase.Heartbeat)
                {
                    Assert.True(message.Heartbeat.Healthy);
                    await toAgent.WriteAsync(new FromGateway { Heartbeat = new GatewayHeartbeat() });

                    // Who answers this has heard the beat before it.
                    await toAgent.WriteAsync(new FromGateway { FindName = new FindName { SearchId = ByteString.CopyFrom(new byte[16]) } });
                }
                else if (message.BodyCase == FromAgent.BodyOneofCase.NameFound)
                {
                    Interlocked.Increment(ref beats);
                }
            }
        };
        var clock = new SteppedClock();
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer(), time: clock);

        await agent.StartAsync();

        // For longer than the silence that is borne.
        for (var beat = 1; beat <= 4; beat++)
        {
            await Await.ThatAsync(() => Volatile.Read(ref beats) >= beat, $"beat {beat}");
            await clock.PassAsync(TimeSpan.FromMilliseconds(60_000));
        }

        await Await.ThatAsync(() => Volatile.Read(ref beats) >= 5, "the last beat");
        Assert.Equal(1, connects);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_opened_again()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var connects = 0;
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            if (Interlocked.Increment(ref connects) == 1)
            {
                throw new RpcException(new Status(StatusCode.Internal, "broken"));
            }

            await fromAgent.IdleAsync(context);
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer());

        await agent.StartAsync();

        await Await.ThatAsync(() => Volatile.Read(ref connects) >= 2 && agent.Connected == 1, "a second stream");
    }

    [Fact]
    public async Task A_message_of_ten_megabytes_ends_the_stream_and_not_the_agent()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var connects = 0;
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            if (Interlocked.Increment(ref connects) == 1)
            {
                await toAgent.WriteAsync(new FromGateway
                {
                    Attempt = new Attempt { Header = ByteString.CopyFrom(new byte[10 * 1024 * 1024]) },
                });
            }

            await fromAgent.IdleAsync(context);
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer());

        await agent.StartAsync();

        await Await.ThatAsync(() => Volatile.Read(ref connects) >= 2, "a second stream");
    }

    [Fact]
    public async Task A_new_certificate_opens_a_new_stream_first_and_no_attempt_is_lost()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var (sent, answered, drained) = (0, 0, 0);
        var certificates = new ConcurrentQueue<string>();
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            certificates.Enqueue(context.GetHttpContext().Connection.ClientCertificate!.Thumbprint);

            // As a gateway does: sends until it has read Draining, reads on for what is in flight, and closes.
            var (pending, stop) = (0, false);
            var sending = Task.Run(async () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    Interlocked.Increment(ref sent);
                    Interlocked.Increment(ref pending);
                    await toAgent.WriteAsync(Script.Attempt());
                    await Await.ThatAsync(() => Volatile.Read(ref pending) < 4, "room");
                }

                await Await.ThatAsync(() => Volatile.Read(ref pending) == 0, "the last answers");
            });
            var reading = Task.Run(async () =>
            {
                await foreach (var message in fromAgent.ReadAllAsync(context.CancellationToken))
                {
                    if (message.BodyCase == FromAgent.BodyOneofCase.Draining)
                    {
                        Interlocked.Increment(ref drained);
                        Volatile.Write(ref stop, true);
                    }
                    else if (Script.AttemptOf(message) is not null)
                    {
                        Interlocked.Increment(ref answered);
                        Interlocked.Decrement(ref pending);
                    }
                }
            });
            await await Task.WhenAny(sending, reading);
        };
        var agent = new ConnectorRig(_authority, [gateway.StreamAddress], incoming => Script.Answer(incoming), credits: 64);
        await using (agent)
        {
            await agent.StartAsync();
            for (var renewal = 1; renewal <= 3; renewal++)
            {
                await Await.ThatAsync(() => Volatile.Read(ref answered) > renewal * 50, "attempts flow");
                agent.Identity.Replace(ConnectorRig.NewIdentity(_authority));
                await Await.ThatAsync(() => certificates.Count == renewal + 1 && Volatile.Read(ref drained) == renewal, "the change");
            }
        }

        Assert.Equal(4, certificates.Distinct().Count());
        Assert.Equal(4, drained);
        Assert.Equal(sent, answered);
    }

    [Fact]
    public async Task A_stop_finishes_what_is_in_flight()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var started = new TaskCompletionSource();
        var draining = new TaskCompletionSource();
        var answered = 0;
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            await toAgent.WriteAsync(Script.Attempt());
            await foreach (var message in fromAgent.ReadAllAsync(context.CancellationToken))
            {
                if (message.BodyCase == FromAgent.BodyOneofCase.Draining)
                {
                    draining.SetResult();
                }
                else if (Script.AttemptOf(message) is not null)
                {
                    answered++;
                    return;
                }
            }
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], async incoming =>
        {
            started.SetResult();
            await draining.Task;
            return await Script.Answer(incoming);
        });
        await agent.StartAsync();
        await started.Task.InTime();

        await agent.StopAsync().InTime();

        Assert.Equal(1, answered);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_ever_for_a_gateway_that_does_not_close()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            await Script.WelcomeAsync(fromAgent, toAgent);
            await foreach (var _ in fromAgent.ReadAllAsync(context.CancellationToken))
            {
            }
        };
        await using var agent = new ConnectorRig(
            _authority, [gateway.StreamAddress], _ => Answer(), drainTimeout: TimeSpan.FromMilliseconds(100));
        await agent.StartAsync();
        await Await.ThatAsync(() => agent.Connected == 1, "a stream");

        await agent.StopAsync().InTime();

        Assert.Equal(0, agent.Connected);
    }

    [Fact]
    public async Task An_agent_that_no_gateway_understands_stops_and_says_why()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        gateway.OnConnect = RefuseVersion;
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer());

        await agent.StartAsync();

        await Await.ThatAsync(() => agent.Stopping.IsCancellationRequested, "the stop");
        Assert.Equal(FaultKind.VersionRefused, agent.Faults.First!.Kind);
        Assert.Contains("speaks versions 7 to 9", agent.Faults.First.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_one_gateway_understands_goes_on()
    {
        await using var newer = await ScriptedGateway.StartAsync(_authority);
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var refusals = 0;
        newer.OnConnect = (fromAgent, toAgent, context) =>
        {
            Interlocked.Increment(ref refusals);
            return RefuseVersion(fromAgent, toAgent, context);
        };
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            // The refusals of the other come first.
            await Await.ThatAsync(() => Volatile.Read(ref refusals) >= 2, "refusals");
            await Script.WelcomeAsync(fromAgent, toAgent);
            await fromAgent.IdleAsync(context);
        };
        await using var agent = new ConnectorRig(_authority, [newer.StreamAddress, gateway.StreamAddress], _ => Answer());

        await agent.StartAsync();

        await Await.ThatAsync(() => agent.Connected == 1, "the other gateway");
        Assert.Null(agent.Faults.First);
    }

    [Fact]
    public async Task A_gateway_of_another_CA_learns_nothing()
    {
        using var other = new TestAuthority();
        await using var gateway = await ScriptedGateway.StartAsync(other);
        var connects = 0;
        gateway.OnConnect = (_, _, _) =>
        {
            Interlocked.Increment(ref connects);
            return Task.CompletedTask;
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer());

        await agent.StartAsync();

        await Await.ThatAsync(() => agent.Log.Has("PTA-015"), "a failed try");
        Assert.Equal(0, connects);
    }

    [Fact]
    public async Task A_revoked_agent_says_so_and_keeps_asking()
    {
        await using var gateway = await ScriptedGateway.StartAsync(_authority);
        var connects = 0;
        gateway.OnConnect = async (fromAgent, toAgent, context) =>
        {
            if (Interlocked.Increment(ref connects) < 3)
            {
                throw new RpcException(new Status(StatusCode.PermissionDenied, "this agent was revoked"));
            }

            await Script.WelcomeAsync(fromAgent, toAgent);
            await fromAgent.IdleAsync(context);
        };
        await using var agent = new ConnectorRig(_authority, [gateway.StreamAddress], _ => Answer());

        await agent.StartAsync();

        await Await.ThatAsync(() => agent.Log.Has("PTA-034"), "the refusal");
        await Await.ThatAsync(() => agent.Connected == 1, "a stream after the revocation was taken back");
    }

    public void Dispose() => _authority.Dispose();

    private static Task<FromAgent?> Answer() => Task.FromResult<FromAgent?>(null);

    private static async Task RefuseVersion(
        IAsyncStreamReader<FromAgent> fromAgent, IServerStreamWriter<FromGateway> toAgent, ServerCallContext context)
    {
        await fromAgent.MoveNext(context.CancellationToken);
        await toAgent.WriteAsync(new FromGateway { Refused = new Refused { Reason = "too old", OldestVersion = 7, NewestVersion = 9 } });
    }
}
