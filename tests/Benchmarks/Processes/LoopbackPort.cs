using System.Net;
using System.Net.Sockets;

namespace Passthrough.Benchmarks.Processes;

/// <summary>Ports of the loopback address that nobody listened on a moment ago.</summary>
internal static class LoopbackPort
{
    public static int FreeTcp() => Free(SocketType.Stream, ProtocolType.Tcp);

    public static int FreeUdp() => Free(SocketType.Dgram, ProtocolType.Udp);

    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int Free(SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
