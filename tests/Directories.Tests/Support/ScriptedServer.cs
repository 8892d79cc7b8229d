using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Directories.Ldap;

namespace Passthrough.Directories.Tests.Support;

/// <summary>A directory that does what a test says, on the loopback interface, with or without TLS. The service account is
/// always bound, and the root DSE always read, unless the test's script says otherwise.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string ServiceAccount = "svc@corp.example";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = [];
    private readonly Task _accepting;
    private int _accepted;

    /// <param name="certificate">Null for plain LDAP.</param>
    public ScriptedServer(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Answers a message; null (the default) for what a healthy directory does with an unknown account. An empty
    /// answer is silence.</summary>
    public Func<Question, byte[]?>? Script { get; set; }

    /// <summary>Says nothing to a new connection: no TLS, no LDAP.</summary>
    public bool IsMute { get; set; }

    /// <summary>Closes new connections at once.</summary>
    public bool Refuses { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>The names of all binds but the service account's, as they came.</summary>
    public ConcurrentQueue<string> Binds { get; } = [];

    /// <summary>How often the service account was bound.</summary>
    public int ServiceBinds;

    public int Accepted => Volatile.Read(ref _accepted);

    public int OpenConnections => _connections.Count;

    /// <summary>Cuts every connection there is.</summary>
    public void CutAll()
    {
        foreach (var socket in _connections.Keys)
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        await Task.WhenAll(_connections.Values);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                if (Refuses)
                {
                    socket.Dispose();
                    continue;
                }

                var task = new TaskCompletionSource();
                _connections[socket] = task.Task;
                _ = ServeAsync(socket, task);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket, TaskCompletionSource ended)
    {
        try
        {
            await using Stream inner = new NetworkStream(socket, ownsSocket: true);
            if (IsMute)
            {
                _ = await inner.ReadAsync(new byte[10_000], _stop.Token);
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }

            var stream = inner;
            if (_certificate is not null)
            {
                var tls = new SslStream(inner);
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                stream = tls;
            }

            await AnswerAllAsync(stream);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException
            or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client went, or the test ended.
        }
        finally
        {
            _connections.TryRemove(socket, out _);
            ended.SetResult();
        }
    }

    private async Task AnswerAllAsync(Stream stream)
    {
        var buffer = new MessageBuffer();
        while (await stream.ReadAsync(buffer.Room(), _stop.Token) is > 0 and var count)
        {
            buffer.Add(count);
            while (buffer.TryTake(out var frame) == Framing.Complete)
            {
                var question = Question.Read(frame.ToArray());
                Count(question);
                await stream.WriteAsync(Script?.Invoke(question) ?? Usual(question), _stop.Token);
            }
        }
    }

    private void Count(Question question)
    {
        if (question.Operation == Question.Bind)
        {
            var name = question.ReadBind().Name;
            if (name == ServiceAccount)
            {
                Interlocked.Increment(ref ServiceBinds);
            }
            else
            {
                Binds.Enqueue(name);
            }
        }
    }

    private static byte[] Usual(Question question) => question.Operation switch
    {
        Question.Bind => Answers.Bind(question.Id, question.ReadBind().Name == ServiceAccount ? 0 : 49, Answers.WrongPassword),
        Question.Search when question.ReadBase().Length == 0 => [.. Answers.Entry(question.Id, ""), .. Answers.Done(question.Id)],
        Question.Search => [.. Answers.Account(question.Id, "CN=alice", Alice), .. Answers.Done(question.Id)],
        _ => [],
    };

    public static readonly Guid Alice = new("a11ce000-0000-4000-8000-000000000001");
}
