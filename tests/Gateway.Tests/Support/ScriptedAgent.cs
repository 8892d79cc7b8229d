using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>An attempt as it reached an agent.</summary>
internal sealed record Received(ScriptedStream Stream, Attempt Attempt, UnwrapFault Fault, OpenedAttempt? Opened)
{
    public Task AnswerAsync(Verdict verdict, string domainController = "dc1") =>
        AnswerAsync(verdict, new AnswerDetail { DomainController = domainController });

    public Task AnswerAsync(Verdict verdict, AnswerDetail detail) =>
        Stream.SendAsync(new FromAgent { Answer = Opened!.Answer((uint)verdict, detail) });

    public Task RefuseAsync(NotAttempted.Types.Reason reason) => Stream.SendAsync(new FromAgent
    {
        NotAttempted = new NotAttempted
        {
            AttemptId = ByteString.CopyFrom(Opened!.Header.AttemptId.ToByteArray(bigEndian: true)),
            AttemptNumber = Opened.Header.AttemptNumber,
            Reason = reason,
        },
    });
}

/// <summary>An agent that does what a test says, and otherwise knows one password.</summary>
internal sealed class ScriptedAgent(Uri stream, AgentKeys keys) : IAsyncDisposable
{
    private readonly ConcurrentQueue<ScriptedStream> _streams = [];

    public AgentKeys Keys { get; set; } = keys;

    public string Id => Keys.Identity.AgentId;

    public SealingKeyring Keyring { get; } = new(keys.Identity);

    /// <summary>What it does with an attempt.</summary>
    public Func<Received, Task> OnAttempt { get; set; } = KnowOnePassword;

    /// <summary>What it says when it is asked for a name; null: nothing.</summary>
    public Func<FindName, NameFound?> OnFind { get; set; } =
        asked => new NameFound { SearchId = asked.SearchId, Result = NameFound.Types.Result.NotFound };

    /// <summary>Every question for a name that came, on any stream.</summary>
    public ConcurrentQueue<FindName> Searches { get; } = [];

    /// <summary>Every attempt that came, on any stream.</summary>
    public ConcurrentQueue<Received> Attempts { get; } = [];

    /// <summary>The newest stream.</summary>
    public ScriptedStream Current { get; private set; } = null!;

    public static Task KnowOnePassword(Received received) =>
        received.Opened!.TryOpenPassword(password => password.SequenceEqual("right"u8), out var right) && right
            ? received.AnswerAsync(Verdict.Success)
            : received.AnswerAsync(Verdict.BadPassword);

    /// <summary>Opens a stream and waits for the gateway's greeting; older streams stay.</summary>
    public async Task<ScriptedStream> ConnectAsync(uint credits = 10, Action<Hello>? change = null)
    {
        var opened = new ScriptedStream(this, stream);
        _streams.Enqueue(opened);
        var hello = new Hello
        {
            OldestVersion = ProtocolVersions.Oldest,
            NewestVersion = ProtocolVersions.Newest,
            ProgramVersion = "scripted",
            Credits = credits,
            SealingKey = Keyring.Offer(Keys.Key, TimeProvider.System.GetUtcNow()),
        };
        change?.Invoke(hello);
        try
        {
            await opened.SendAsync(new FromAgent { Hello = hello });
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or RpcException)
        {
            // The call is over already: the reader says how.
        }

        await opened.Greeted.InTimeAsync();
        Current = opened;
        return opened;
    }

    /// <summary>Says on its newest stream what names of a forest end in.</summary>
    public async Task SayAsync(string forest, ulong version, params string[] names)
    {
        foreach (var part in ForestSuffixParts.Split(forest, version, names))
        {
            await Current.SendAsync(new FromAgent { ForestSuffixes = part });
        }
    }

    /// <summary>Heartbeats on its newest stream until the result is disposed of.</summary>
    public IDisposable Beat(TimeSpan interval) => new Timer(
        async _ => await Current.TrySendAsync(new FromAgent { Heartbeat = new AgentHeartbeat { Healthy = true } }),
        null,
        interval,
        interval);

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _streams)
        {
            await one.DisposeAsync();
        }

        Keyring.Dispose();
    }
}

/// <summary>One stream of a scripted agent.</summary>
internal sealed class ScriptedStream : IAsyncDisposable
{
    private readonly ScriptedAgent _agent;
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<FromAgent, FromGateway> _call;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly TaskCompletionSource<FromGateway> _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<FromGateway> _others = Channel.CreateUnbounded<FromGateway>();

    public ScriptedStream(ScriptedAgent agent, Uri stream)
    {
        _agent = agent;
        _channel = AgentKeys.Channel(stream, agent.Keys.Certificate, agent.Keys.Authority);
        _call = new AgentStream.AgentStreamClient(_channel).Connect();
        Ended = ReadAsync();
    }

    /// <summary>Welcome or Refused.</summary>
    public Task<FromGateway> Greeted => _greeted.Task;

    /// <summary>Completes when the stream has ended, with its status.</summary>
    public Task<Status> Ended { get; }

    /// <summary>What came and is neither greeting, session nor attempt.</summary>
    public ChannelReader<FromGateway> Others => _others.Reader;

    public async Task SendAsync(FromAgent message)
    {
        await _writing.WaitAsync();
        try
        {
            await _call.RequestStream.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends unless the stream has ended.</summary>
    public async Task TrySendAsync(FromAgent message)
    {
        try
        {
            await SendAsync(message);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            // It has ended, or was cut.
        }
    }

    /// <summary>No more is sent from this side.</summary>
    public Task CloseAsync() => _call.RequestStream.CompleteAsync();

    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        _channel.Dispose();
        await Ended;
        _writing.Dispose();
    }

    private async Task<Status> ReadAsync()
    {
        try
        {
            await foreach (var message in _call.ResponseStream.ReadAllAsync())
            {
                Take(message);
            }

            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            _greeted.TrySetException(e);
            return e.Status;
        }
        catch (ObjectDisposedException)
        {
            return Status.DefaultCancelled;
        }
        finally
        {
            _greeted.TrySetCanceled();
            _others.Writer.TryComplete();
        }
    }

    private void Take(FromGateway message)
    {
        var now = TimeProvider.System.GetUtcNow();
        switch (message.BodyCase)
        {
            case FromGateway.BodyOneofCase.Welcome or FromGateway.BodyOneofCase.Refused:
                _greeted.TrySetResult(message);
                break;
            case FromGateway.BodyOneofCase.SealingSession:
                Assert.Equal(SessionFault.None, _agent.Keyring.Accept(message.SealingSession, now));
                break;
            case FromGateway.BodyOneofCase.Attempt:
                var received = new Received(this, message.Attempt, _agent.Keyring.TryUnwrap(message.Attempt, now, out var opened), opened);
                _agent.Attempts.Enqueue(received);
                _ = HandleAsync(received);
                break;
            case FromGateway.BodyOneofCase.FindName:
                _agent.Searches.Enqueue(message.FindName);
                if (_agent.OnFind(message.FindName) is { } found)
                {
                    _ = TrySendAsync(new FromAgent { NameFound = found });
                }

                break;
            default:
                _others.Writer.TryWrite(message);
                break;
        }
    }

    private async Task HandleAsync(Received received)
    {
        try
        {
            await _agent.OnAttempt(received);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // The stream is gone: so is what this attempt's answer would have been written to.
        }
    }
}
