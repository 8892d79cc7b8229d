using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Directories.Location;

namespace Passthrough.Directories.Ldap;

/// <summary>Opens connections to domain controllers: LDAPS with a verified certificate.</summary>
/// <param name="authorities">Null for a lab without TLS, which must have said so loudly.</param>
internal sealed class LdapConnector(TrustedAuthorities? authorities)
{
    /// <summary>A peer that went without a word is noticed on an idle connection after about 15 + 3 × 5 s.</summary>
    private const int KeepAliveAfterSeconds = 15, KeepAliveEverySeconds = 5, KeepAliveTries = 3;

    /// <exception cref="LdapException">No connection by the deadline; its message says in one line why.</exception>
    public async Task<LdapConnection> ConnectAsync(DirectoryAddress address, CancellationToken deadline)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ReachAsync(socket, address, deadline);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (authorities is not null)
            {
                stream = await SecureAsync(stream, authorities, address, deadline);
            }

            return new LdapConnection(stream, abruptly => Close(socket, abruptly));
        }
        catch
        {
            Close(socket, abruptly: true);
            throw;
        }
    }

    private static async Task ReachAsync(Socket socket, DirectoryAddress address, CancellationToken deadline)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveAfterSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveEverySeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveTries);
            // By the system's resolver, so that /etc/hosts holds. It cannot be interrupted: the wait for it ends at the
            // deadline, and the runtime asks for one name at most once at a time, so one thread may stay behind per name
            // until the resolver's own time-out.
            var addresses = await Dns.GetHostAddressesAsync(address.Host, deadline).WaitAsync(deadline);
            await socket.ConnectAsync(addresses, address.Port, deadline);
        }
        catch (OperationCanceledException e)
        {
            throw new LdapException(LdapFault.TimedOut, $"{address} did not take a connection in time", e);
        }
        catch (SocketException e)
        {
            throw new LdapException(LdapFault.Unreachable, $"{address} cannot be reached: {e.Message}", e);
        }
    }

    private static async Task<Stream> SecureAsync(
        Stream inner, TrustedAuthorities authorities, DirectoryAddress address, CancellationToken deadline)
    {
        string? objection = null;
        var tls = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(authorities.OptionsFor(address.Host, Decide), deadline);
            return tls;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync();
            throw e switch
            {
                OperationCanceledException =>
                    new LdapException(LdapFault.TimedOut, $"{address} did not finish the TLS handshake in time", e),
                AuthenticationException when objection is not null =>
                    new LdapException(LdapFault.TlsFailed, $"{address} is not trusted: {objection}", e),
                AuthenticationException =>
                    new LdapException(LdapFault.TlsFailed, $"{address} and this machine agree on no TLS: {e.Message}", e),
                IOException => new LdapException(
                    LdapFault.TlsFailed, $"{address} ended the TLS handshake; has it a certificate for LDAPS? {e.Message}", e),
                _ => e,
            };
        }

        bool Decide(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            objection = authorities.Explain(address.Host, certificate as X509Certificate2, chain, errors);
            return objection is null;
        }
    }

    // Abruptly means with a reset: nothing stays behind in the kernel to be sent again to a peer that is gone.
    private static void Close(Socket socket, bool abruptly)
    {
        try
        {
            if (abruptly)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            else
            {
                socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        socket.Dispose();
    }
}
