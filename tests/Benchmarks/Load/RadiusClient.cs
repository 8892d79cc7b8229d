using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

#pragma warning disable CA5351 // RADIUS is built on MD5.

namespace Passthrough.Benchmarks.Load;

/// <summary>A RADIUS client for PAP (RFC 2865), one request at a time on a socket of its own. It never repeats a
/// request.</summary>
internal sealed class RadiusClient : IPasswordChecker
{
    private const byte AccessRequest = 1;
    private const byte AccessAccept = 2;
    private const byte AccessReject = 3;
    private const byte UserNameType = 1;
    private const byte UserPasswordType = 2;
    private const byte MessageAuthenticatorType = 80;
    private const int HeaderLength = 20;
    private const int AuthenticatorOffset = 4;
    private const int DigestLength = 16;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _secret;
    private readonly TimeSpan _timeout;
    private readonly byte[] _request = new byte[4096];
    private readonly byte[] _reply = new byte[4096];
    private byte _identifier;

    public RadiusClient(int port, string sharedSecret, TimeSpan timeout)
    {
        (_secret, _timeout) = (Encoding.UTF8.GetBytes(sharedSecret), timeout);
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
    }

    public async ValueTask<CheckAnswer> CheckAsync(string userName, string password, CancellationToken cancel)
    {
        var length = WriteRequest(++_identifier, userName, password);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(_timeout);
        try
        {
            await _socket.SendAsync(_request.AsMemory(0, length), deadline.Token);
            while (true)
            {
                var received = await _socket.ReceiveAsync(_reply, deadline.Token);
                // A late reply to an earlier request is not the answer to this one.
                if (received < HeaderLength || _reply[1] != _identifier) continue;
                if (!IsAuthentic(received)) return new CheckAnswer(CheckOutcome.NoVerdict, "forged reply");
                return _reply[0] switch
                {
                    AccessAccept => new CheckAnswer(CheckOutcome.Right, "Access-Accept"),
                    AccessReject => new CheckAnswer(CheckOutcome.Wrong, "Access-Reject"),
                    var code => new CheckAnswer(CheckOutcome.NoVerdict, $"RADIUS code {code}"),
                };
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return CheckAnswer.TimedOut;
        }
        catch (SocketException fault)
        {
            return new CheckAnswer(CheckOutcome.NoVerdict, fault.SocketErrorCode.ToString());
        }
    }

    public void Dispose() => _socket.Dispose();

    private int WriteRequest(byte identifier, string userName, string password)
    {
        var message = _request.AsSpan();
        message[0] = AccessRequest;
        message[1] = identifier;
        var authenticator = message.Slice(AuthenticatorOffset, DigestLength);
        RandomNumberGenerator.Fill(authenticator);

        var end = HeaderLength;
        var name = message[(end + 2)..];
        var nameLength = Encoding.UTF8.GetBytes(userName, name);
        end = CloseAttribute(message, end, UserNameType, nameLength);

        var hidden = message[(end + 2)..];
        var hiddenLength = WriteHidden(hidden, authenticator, password);
        end = CloseAttribute(message, end, UserPasswordType, hiddenLength);

        // RFC 3579 3.2: HMAC-MD5 over the whole message with the attribute's own value as zeros.
        var signature = message.Slice(end + 2, DigestLength);
        signature.Clear();
        end = CloseAttribute(message, end, MessageAuthenticatorType, DigestLength);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)end);
        HMACMD5.HashData(_secret, message[..end], signature);
        return end;
    }

    /// <summary>RFC 2865 5.2: each block of 16 bytes is combined with MD5 over the secret and the block before.</summary>
    private int WriteHidden(Span<byte> hidden, ReadOnlySpan<byte> authenticator, string password)
    {
        var length = Encoding.UTF8.GetBytes(password, hidden);
        var padded = Math.Max(DigestLength, (length + DigestLength - 1) / DigestLength * DigestLength);
        hidden[length..padded].Clear();
        var previous = authenticator;
        Span<byte> input = stackalloc byte[_secret.Length + DigestLength];
        Span<byte> pad = stackalloc byte[DigestLength];
        _secret.CopyTo(input);
        for (var block = 0; block < padded; block += DigestLength)
        {
            previous.CopyTo(input[_secret.Length..]);
            MD5.HashData(input, pad);
            for (var i = 0; i < DigestLength; i++) hidden[block + i] ^= pad[i];
            previous = hidden.Slice(block, DigestLength);
        }
        return padded;
    }

    /// <summary>RFC 2865 3: MD5 over the reply with the request's authenticator in place of its own, then the secret.</summary>
    private bool IsAuthentic(int received)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(_reply.AsSpan(2));
        if (length < HeaderLength || length > received) return false;
        var input = new byte[length + _secret.Length];
        _reply.AsSpan(0, length).CopyTo(input);
        _request.AsSpan(AuthenticatorOffset, DigestLength).CopyTo(input.AsSpan(AuthenticatorOffset));
        _secret.CopyTo(input, length);
        return MD5.HashData(input).AsSpan().SequenceEqual(_reply.AsSpan(AuthenticatorOffset, DigestLength));
    }

    private static int CloseAttribute(Span<byte> message, int start, byte type, int valueLength)
    {
        message[start] = type;
        message[start + 1] = (byte)(valueLength + 2);
        return start + 2 + valueLength;
    }
}
