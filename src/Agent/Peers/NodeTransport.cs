using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Peers;

/// <summary>How nodes are connected: TCP with TLS under the agents' certificates. In place of Akka's own transport, because there a
/// node that dials and meets a foreign certificate ends its own actor system, and because it keeps one certificate for as long as
/// the process lives. Here a handshake that fails is a peer that is not reached, and nothing else.</summary>
#pragma warning disable CA1001 // Remoting disposes of nothing: it calls Shutdown, which closes what is open.
internal sealed class NodeTransport : Transport
#pragma warning restore CA1001
{
    /// <summary>From the first byte to the end of the handshake, and for a connection to be made.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Strangers that may be in the middle of a handshake; who comes beyond that is cut.</summary>
    private readonly SemaphoreSlim _room = new(64);
    private readonly ConcurrentDictionary<NodeLink, byte> _links = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<IAssociationEventListener> _listener = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NodeTransportSetup _setup;
    private TcpListener? _server;
    private Address? _self;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Remoting makes it by its name in hocon/remote.conf.</summary>
    public NodeTransport(ActorSystem system, Config config)
    {
        (System, Config, SchemeIdentifier) = (system, config, "tcp");
        MaximumPayloadBytes = config.GetByteSize("maximum-frame-size") ?? throw new ConfigurationException("maximum-frame-size is missing");
        _setup = system.Settings.Setup.Get<NodeTransportSetup>().Value;
    }

    public override bool IsResponsibleFor(Address remote) => true;

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        var node = _setup.Node;
        _server = new TcpListener(IPAddress.Parse(node.BindAddress), node.Port);
        _server.Start();
        _setup.Transport = this;
        _self = node.AddressAt(((IPEndPoint)_server.LocalEndpoint).Port).WithProtocol(SchemeIdentifier);
        _accepting = AcceptAsync(_server);
        return Task.FromResult((_self, _listener));
    }

    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(Patience);
        var socket = NewSocket();
        try
        {
            await socket.ConnectAsync(remoteAddress.Host.Trim('[', ']'), remoteAddress.Port!.Value, patience.Token);
            return await LinkAsync(socket, remoteAddress, dialled: true, patience.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException or PeerRefusedException or ObjectDisposedException)
        {
            socket.Dispose();
            if (e is PeerRefusedException)
            {
                _setup.Refusals.Say($"what answers at {remoteAddress.Host}:{remoteAddress.Port}", e.Message);
            }

            throw new InvalidAssociationException(
                e is OperationCanceledException ? $"{remoteAddress} did not answer within {Patience.TotalSeconds} s" : $"{remoteAddress}: {e.Message}", e);
        }
    }

    public override async Task<bool> Shutdown()
    {
        await _stopping.CancelAsync();
        _server?.Stop();
        await _accepting;

        // Remoting has said good-bye on each; what is not gone by then is cut.
        var links = _links.Keys.ToArray();
        foreach (var link in links)
        {
            link.Disassociate("the node stops", System.Log);
        }

        await Task.WhenAll(links.Select(link => link.Completion));
        return true;
    }

    /// <summary>Ends every connection with this agent.</summary>
    public void Cut(string agentId)
    {
        foreach (var link in _links.Keys.Where(link => link.Peer == agentId))
        {
            link.Cut();
        }
    }

    private static Socket NewSocket() => new(SocketType.Stream, ProtocolType.Tcp);

    private async Task AcceptAsync(TcpListener server)
    {
        try
        {
            var listener = await _listener.Task.WaitAsync(_stopping.Token);
            while (true)
            {
                await AcceptAsync(server, listener);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The node stops.
        }
    }

    private async Task AcceptAsync(TcpListener server, IAssociationEventListener listener)
    {
        try
        {
            var socket = await server.AcceptSocketAsync(_stopping.Token);
            if (_room.Wait(0, CancellationToken.None))
            {
                _ = GreetAsync(socket, listener);
            }
            else
            {
                socket.Dispose();
            }
        }
        catch (SocketException e) when (!_stopping.IsCancellationRequested)
        {
            // Out of file descriptors, for one, which passes.
            _setup.Log.NotAccepted(e.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), _stopping.Token);
        }
    }

    private async Task GreetAsync(Socket socket, IAssociationEventListener listener)
    {
        var from = (IPEndPoint)socket.RemoteEndPoint!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(Patience);
        try
        {
            var remote = new Address(SchemeIdentifier, System.Name, ClusterNodeOptions.HostOf(from.Address), from.Port);
            listener.Notify(new InboundAssociation(await LinkAsync(socket, remote, dialled: false, patience.Token)));
        }
        catch (Exception e) when (e is PeerRefusedException or OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            if (!_stopping.IsCancellationRequested)
            {
                _setup.Refusals.Say(
                    $"who dialled from {from.Address}",
                    e is OperationCanceledException ? $"it did not finish its handshake within {Patience.TotalSeconds} s" : e.Message);
            }
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<NodeLink> LinkAsync(Socket socket, Address remote, bool dialled, CancellationToken cancel)
    {
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        string? peer = null;
        if (_setup.Tls is { } tls)
        {
            (stream, var identity) = await tls.ShakeAsync(stream, dialled, cancel);
            peer = identity.AgentId;
        }

        var link = new NodeLink(_self!, remote, peer, stream, (int)MaximumPayloadBytes);
        _links[link] = 0;
        _ = link.Completion.ContinueWith(_ => _links.TryRemove(link, out byte _), TaskScheduler.Default);
        return link;
    }
}

/// <summary>What the transport is made with, since remoting makes it.</summary>
/// <param name="tls">Null: no TLS, for nodes of one machine without an identity.</param>
internal sealed class NodeTransportSetup(ClusterNodeOptions node, NodeTls? tls, PeerRefusals refusals, ILogger log) : Setup
{
    public ClusterNodeOptions Node => node;

    public NodeTls? Tls => tls;

    public PeerRefusals Refusals => refusals;

    public ILogger Log => log;

    /// <summary>Null until it listens.</summary>
    public NodeTransport? Transport { get; set; }
}
