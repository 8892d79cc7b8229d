using System.Threading.Channels;

namespace Passthrough.Directories.Tests.Support;

/// <summary>One end of a connection in memory: what one end writes, the other reads, in the same pieces.</summary>
internal sealed class MemoryDuplex : Stream
{
    private readonly ChannelReader<byte[]> _incoming;
    private readonly ChannelWriter<byte[]> _outgoing;
    private readonly CancellationTokenSource _closed = new();
    private ReadOnlyMemory<byte> _rest;

    private MemoryDuplex(ChannelReader<byte[]> incoming, ChannelWriter<byte[]> outgoing) =>
        (_incoming, _outgoing) = (incoming, outgoing);

    public static (MemoryDuplex Client, MemoryDuplex Server) Pair()
    {
        var toServer = Channel.CreateUnbounded<byte[]>();
        var toClient = Channel.CreateUnbounded<byte[]>();
        return (new MemoryDuplex(toClient, toServer), new MemoryDuplex(toServer, toClient));
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Ends both directions, reads that wait included.</summary>
    public void Cut()
    {
        _outgoing.TryComplete();
        _closed.Cancel();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        while (_rest.IsEmpty)
        {
            if (!await _incoming.WaitToReadAsync(either.Token))
            {
                return 0;
            }

            _rest = _incoming.TryRead(out var next) ? next : default;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _outgoing.TryWrite(buffer.ToArray()) ? default : throw new IOException("the other end is closed");

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Cut();
        base.Dispose(disposing);
    }
}
