using System.Net.Sockets;
using System.Text;
using Passthrough.Agent.Hosting;
using Passthrough.Agent.Tests.Support;

namespace Passthrough.Agent.Tests.Hosting;

/// <summary>On a real notify socket. What the published programs tell it, tests/Cluster.Tests/InstallTests.cs looks at.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ended = new();

    public ServiceManagerTests()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(_scratch.File("notify")));
        _socket.ReceiveTimeout = (int)Await.Patience.TotalMilliseconds;
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _scratch.File("notify"));
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "30000");
    }

    [Fact]
    public async Task It_is_told_ready_then_alive_for_as_long_as_the_work_answers_then_stopping()
    {
        var (asked, hangs) = (0, false);
        var manager = new ServiceManager(
            async cancel =>
            {
                Interlocked.Increment(ref asked);
                await (Volatile.Read(ref hangs) ? Task.Delay(Timeout.InfiniteTimeSpan, cancel) : Task.CompletedTask);
            },
            TimeProvider.System);

        manager.Run(_stopping.Token, _ended.Token);

        Assert.Equal("READY=1", Next());
        Assert.Equal("WATCHDOG=1", Next());
        Assert.Equal("WATCHDOG=1", Next());
        Volatile.Write(ref hangs, true);
        var before = Volatile.Read(ref asked);

        // What was told before must be taken: the socket holds ten, and who tells would wait.
        await Await.ThatAsync(
            () =>
            {
                Drain();
                return Volatile.Read(ref asked) > before + 2;
            },
            "it goes on asking");
        Drain();
        await Await.ThatAsync(() => Volatile.Read(ref asked) > before + 5, "it goes on asking");
        Assert.Equal(0, _socket.Available);

        await _stopping.CancelAsync();

        // The sign of life may have been under way.
        await Await.ThatAsync(() => Next() == "STOPPING=1", "the word that it stops");
        Assert.Equal("WATCHDOG=1", Next());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", null);
        _ended.Cancel();
        _ended.Dispose();
        _stopping.Dispose();
        _socket.Dispose();
        _scratch.Dispose();
    }

    private string Next()
    {
        var buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer));
    }

    private void Drain()
    {
        while (_socket.Available > 0)
        {
            Next();
        }
    }
}
