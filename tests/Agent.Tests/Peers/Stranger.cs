using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Agent.Tests.Peers;

/// <summary>Who sits at a node's address, or dials a node, and is none.</summary>
internal sealed class Stranger : IDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<Stream, Task> _behaviour;
    private int _met;

    private Stranger(Func<Stream, Task> behaviour)
    {
        (_listener, _behaviour) = (new TcpListener(IPAddress.Loopback, 0), behaviour);
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Who came and was done with.</summary>
    public int Met => Volatile.Read(ref _met);

    public string EndPoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>A server with this certificate, that asks for one and takes any.</summary>
    public static Stranger With(X509Certificate2 certificate) => new(async stream =>
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            ClientCertificateRequired = true,
#pragma warning disable CA5359 // It wants to be talked to.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        });
        await tls.ReadExactlyAsync(new byte[1]);
    });

    /// <summary>No TLS at all.</summary>
    public static Stranger Babbling() => new(async stream =>
    {
        await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        await stream.ReadExactlyAsync(new byte[1]);
    });

    public static Stranger HangingUp() => new(_ => Task.CompletedTask);

    /// <summary>Dials a node; gives the certificate that it shows. Ends when the node hangs up.</summary>
    public static async Task<X509Certificate2?> DialAsync(int port, X509Certificate2? certificate)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(socket.GetStream());
        X509Certificate2? shown = null;
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
                RemoteCertificateValidationCallback = (_, remote, _, _) => (shown = new X509Certificate2(remote!)) is not null,
            });
            await tls.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0x7f });
            _ = await tls.ReadAsync(new byte[1]);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // Refused.
        }

        return shown;
    }

    /// <summary>Dials a node and talks something else; ends when the node hangs up.</summary>
    public static async Task BabbleAsync(int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            await socket.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            _ = await socket.GetStream().ReadAsync(new byte[64]);
        }
        catch (IOException)
        {
            // Refused.
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                try
                {
                    await _behaviour(client.GetStream());
                }
                catch (Exception e) when (e is IOException or AuthenticationException)
                {
                    // They hung up.
                }

                Interlocked.Increment(ref _met);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
