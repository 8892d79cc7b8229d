using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Passthrough.Directories.Tests.Support;

/// <summary>A name server on the loopback interface that knows SRV records only (RFC 2782): over UDP, and over TCP what UDP cannot
/// carry.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private const int HeaderBytes = 12, MaxUdpBytes = 1_232, MaxBytes = 65_535;
    private const ushort Answer = 0x8580, Truncated = 0x0200, NoSuchName = 3;

    private readonly IReadOnlyDictionary<string, SrvAnswer[]> _records;
    private readonly UdpClient _udp;
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _asked;

    /// <param name="records">By name, in lower case, without a trailing dot.</param>
    public DnsServer(IReadOnlyDictionary<string, SrvAnswer[]> records)
    {
        _records = records;
        _tcp = new TcpListener(IPAddress.Loopback, 0);
        _tcp.Start();
        _udp = new UdpClient((IPEndPoint)_tcp.LocalEndpoint);
        _serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint Address => (IPEndPoint)_udp.Client.LocalEndPoint!;

    /// <summary>Questions that came.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _udp.Dispose();
        _tcp.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        try
        {
            while (true)
            {
                var question = await _udp.ReceiveAsync(_stop.Token);
                await _udp.SendAsync(Reply(question.Buffer, MaxUdpBytes), question.RemoteEndPoint, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _stop.Token);
                var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(question, _stop.Token);
                var reply = Reply(question, MaxBytes);
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)reply.Length);
                await stream.WriteAsync((byte[])[.. length, .. reply], _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private byte[] Reply(byte[] question, int room)
    {
        Interlocked.Increment(ref _asked);
        var (name, end) = ReadName(question, HeaderBytes);
        var asked = question[HeaderBytes..(end + 4)];
        var isKnown = _records.TryGetValue(name.ToLowerInvariant(), out var records);
        byte[] answers = [.. (records ?? []).SelectMany(Write)];
        var isTooLong = HeaderBytes + asked.Length + answers.Length > room;
        var header = new byte[HeaderBytes];
        question.AsSpan(0, 2).CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(
            header.AsSpan(2), (ushort)(Answer | (isTooLong ? Truncated : 0) | (isKnown ? 0 : NoSuchName)));
        header[5] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)(isTooLong ? 0 : records?.Length ?? 0));
        return isTooLong ? [.. header, .. asked] : [.. header, .. asked, .. answers];
    }

    private static (string Name, int End) ReadName(byte[] message, int at)
    {
        List<string> labels = [];
        while (message[at] is > 0 and var length)
        {
            labels.Add(Encoding.ASCII.GetString(message, at + 1, length));
            at += 1 + length;
        }

        return (string.Join('.', labels), at + 1);
    }

    // RFC 1035 4.1.3: the name is that of the question.
    private static byte[] Write(SrvAnswer record)
    {
        byte[] target = [.. record.Host.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
        return
        [
            0xC0, HeaderBytes, 0, 33, 0, 1, 0, 0, 2, 88, .. Two(6 + target.Length),
            .. Two(record.Priority), .. Two(record.Weight), .. Two(record.Port), .. target,
        ];
    }

    private static byte[] Two(int value) => [(byte)(value >> 8), (byte)value];
}

/// <summary>An SRV record.</summary>
internal sealed record SrvAnswer(string Host, int Priority = 0, int Weight = 100, int Port = 389);
