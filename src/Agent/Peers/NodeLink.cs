using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace Passthrough.Agent.Peers;

/// <summary>One connection between two nodes: frames of a length (32 bits, little endian) and so many bytes, in order. What waits to
/// be written is written together.</summary>
#pragma warning disable CA1001 // Remoting disposes of nothing: a link disposes of its stream when it ends, and its token source holds no timer then.
internal sealed class NodeLink : AssociationHandle
#pragma warning restore CA1001
{
    /// <summary>Frames that may wait to be written. One more is not taken, and remoting tries again later.</summary>
    private const int QueueLength = 4096;
    private const int HeaderSize = sizeof(int);

    /// <summary>So many bytes are gathered before they are written.</summary>
    private const int BatchSize = 64 * 1024;

    /// <summary>After the last frame was written: for the other side to read it, before the connection is cut.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly Channel<ByteString> _queue = Channel.CreateBounded<ByteString>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly CancellationTokenSource _life = new();
    private readonly Stream _stream;
    private readonly int _maxFrame;
    private volatile bool _closing;

    /// <param name="peer">Who is at the other end; null without TLS.</param>
    /// <param name="stream">The link's own from now on.</param>
    /// <param name="maxFrame">Bytes; a peer that announces more is cut off.</param>
    public NodeLink(Address local, Address remote, string? peer, Stream stream, int maxFrame)
        : base(local, remote)
    {
        (Peer, _stream, _maxFrame) = (peer, stream, maxFrame);
        Completion = Task.Run(RunAsync);
    }

    public string? Peer { get; }

    /// <summary>Ends, never with a fault, when the connection is closed.</summary>
    public Task Completion { get; }

    public override bool Write(ByteString payload) => _queue.Writer.TryWrite(payload);

    /// <summary>What waits is still written.</summary>
    [Obsolete("Remoting calls it with a reason.")]
    public override void Disassociate()
    {
        _closing = true;
        _queue.Writer.TryComplete();
    }

    /// <summary>At once.</summary>
    public void Cut() => _life.Cancel();

    private async Task RunAsync()
    {
        var (reading, writing) = (ReadAsync(), WriteAsync());
        if (await Task.WhenAny(reading, writing) == writing && writing.IsCompletedSuccessfully)
        {
            _life.CancelAfter(FarewellTime);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _queue.Writer.TryComplete();
        await _life.CancelAsync();
        await _stream.DisposeAsync();
        await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ReadHandlerSource.Task is { IsCompletedSuccessfully: true, Result: var listener })
        {
            listener.Notify(new Disassociated(DisassociateInfo.Unknown));
        }
    }

    private async Task WriteAsync()
    {
        var pipe = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: BatchSize, leaveOpen: true));
        while (await _queue.Reader.WaitToReadAsync(_life.Token))
        {
            while (pipe.UnflushedBytes < BatchSize && _queue.Reader.TryRead(out var payload))
            {
                BinaryPrimitives.WriteInt32LittleEndian(pipe.GetSpan(HeaderSize), payload.Length);
                pipe.Advance(HeaderSize);
                pipe.Write(payload.Span);
            }

            await pipe.FlushAsync(_life.Token);
        }

        // The other side sees the end, after the last frame.
        switch (_stream)
        {
            case SslStream tls:
                await tls.ShutdownAsync();
                break;
            case NetworkStream plain:
                plain.Socket.Shutdown(SocketShutdown.Send);
                break;
        }
    }

    private async Task ReadAsync()
    {
        // Nothing is read before there is somebody to tell.
        var listener = await ReadHandlerSource.Task.WaitAsync(_life.Token);
        var pipe = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            var read = await pipe.ReadAsync(_life.Token);
            var buffer = read.Buffer;
            while (TryTake(ref buffer, out var payload))
            {
                if (!_closing)
                {
                    listener.Notify(new InboundPayload(payload));
                }
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <exception cref="InvalidDataException">The length is none that a node sends.</exception>
    private bool TryTake(ref ReadOnlySequence<byte> buffer, out ByteString payload)
    {
        payload = ByteString.Empty;
        Span<byte> header = stackalloc byte[HeaderSize];
        if (buffer.Length < HeaderSize)
        {
            return false;
        }

        buffer.Slice(0, HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length <= 0 || length > _maxFrame)
        {
            throw new InvalidDataException($"a frame of {length} bytes");
        }

        if (buffer.Length < HeaderSize + length)
        {
            return false;
        }

        payload = UnsafeByteOperations.UnsafeWrap(buffer.Slice(HeaderSize, length).ToArray());
        buffer = buffer.Slice(HeaderSize + length);
        return true;
    }
}
