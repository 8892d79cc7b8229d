using System.Net;
using System.Net.Sockets;

namespace Passthrough.Agent.Tests.Support;

/// <summary>Ports on loopback that no other test gets meanwhile.</summary>
internal static class Ports
{
    /// <summary>Below those that the system gives out by itself (net.ipv4.ip_local_port_range): whoever asks it for any gets another.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_768);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }

    /// <summary>Held, so that nobody else gets it, and refused to all, because nobody listens.</summary>
    public static Socket Closed(out int port)
    {
        var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        port = ((IPEndPoint)held.LocalEndPoint!).Port;
        return held;
    }
}
