using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>A TCP relay. What it is told of a client's address delays its bytes, holds them back, or breaks its connections off.</summary>
/// <param name="target">Where it relays to.</param>
internal class Relay(IPEndPoint listen, EndPoint target) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Wire, bool> _wires = [];
    private readonly ConcurrentDictionary<string, TimeSpan> _delays = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public void Open()
    {
        _listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(listen);
        _listener.Listen(512);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>New connections are refused, as by a machine whose server is down.</summary>
    public async Task CloseAsync()
    {
        _listener?.Dispose();
        await _accepting;
    }

    /// <summary>Zero: no more.</summary>
    public void Delay(string client, TimeSpan by) => _delays[client] = by;

    public void Hold(string client) => _held.TryAdd(client, new(TaskCreationOptions.RunContinuationsAsynchronously));

    public void LetGo(string client)
    {
        if (_held.TryRemove(client, out var held))
        {
            held.SetResult();
        }
    }

    public void Break(string client)
    {
        foreach (var wire in _wires.Keys.Where(wire => wire.Client == client))
        {
            wire.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await CloseAsync();
        foreach (var wire in _wires.Keys)
        {
            wire.Dispose();
        }

        _stop.Dispose();
    }

    /// <summary>Called with what came from the client, before it is passed on.</summary>
    protected virtual void Up(object connection, ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>Called with what came from the target, before it is passed on.</summary>
    protected virtual void Down(object connection, ReadOnlySpan<byte> bytes)
    {
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptAsync(_stop.Token));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var upstream = new Socket(target.AddressFamily, SocketType.Stream, target is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        using var wire = new Wire(client, upstream);
        _wires[wire] = true;
        try
        {
            await upstream.ConnectAsync(target, _stop.Token);
            if (upstream.ProtocolType == ProtocolType.Tcp)
            {
                (client.NoDelay, upstream.NoDelay) = (true, true);
            }

            await await Task.WhenAny(
                PumpAsync(wire, client, upstream, bytes => Up(wire, bytes.Span)), PumpAsync(wire, upstream, client, bytes => Down(wire, bytes.Span)));
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either end has gone: both go.
        }
        finally
        {
            _wires.TryRemove(wire, out _);
        }
    }

    private async Task PumpAsync(Wire wire, Socket from, Socket to, Action<ReadOnlyMemory<byte>> tell)
    {
        var buffer = new byte[65_536];
        while (await from.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
        {
            if (_delays.TryGetValue(wire.Client, out var delay) && delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, _stop.Token);
            }

            if (_held.TryGetValue(wire.Client, out var held))
            {
                await held.Task.WaitAsync(_stop.Token);
            }

            tell(buffer.AsMemory(0, count));
            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
            }
        }
    }

    private sealed class Wire(Socket client, Socket upstream) : IDisposable
    {
        public string Client { get; } = ((IPEndPoint)client.RemoteEndPoint!).Address.ToString();

        public void Dispose()
        {
            client.Dispose();
            upstream.Dispose();
        }
    }
}
