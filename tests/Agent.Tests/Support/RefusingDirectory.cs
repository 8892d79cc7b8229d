using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Passthrough.Agent.Tests.Support;

/// <summary>A directory over TLS that answers each bind with one result code (RFC 4511 4.2.2).</summary>
internal sealed class RefusingDirectory : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly int _resultCode;
    private readonly string _diagnostic;

    public RefusingDirectory(X509Certificate2 certificate, int resultCode, string diagnostic)
    {
        (_certificate, _resultCode, _diagnostic) = (certificate, resultCode, diagnostic);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(_certificate);
                var buffer = new byte[4096];
                while (await tls.ReadAsync(buffer) is > 0 and var length)
                {
                    await tls.WriteAsync(Reply(buffer.AsMemory(0, length)));
                }
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client left, or did not like the certificate.
            }
        }
    }

    private byte[] Reply(ReadOnlyMemory<byte> request)
    {
        var message = new AsnReader(request, AsnEncodingRules.BER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(message.ReadInteger());
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, 1)))
            {
                writer.WriteEnumeratedValue((ResultCode)_resultCode);
                writer.WriteOctetString([]);
                writer.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(_diagnostic));
            }
        }

        return writer.Encode();
    }

    private enum ResultCode;
}
