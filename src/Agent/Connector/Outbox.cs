using System.Threading.Channels;
using Grpc.Core;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>The one writer of a stream: many post, one writes, in order. Bounded: a gateway that does not read is not waited
/// for, its stream is given up.</summary>
internal sealed class Outbox(IClientStreamWriter<FromAgent> stream, int capacity)
{
    private readonly Channel<FromAgent> _waiting = Channel.CreateBounded<FromAgent>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>False: full or closed.</summary>
    public bool TryPost(FromAgent message) => _waiting.Writer.TryWrite(message);

    /// <summary>What was posted is still written, then the agent's half of the stream is closed.</summary>
    public void Close() => _waiting.Writer.TryComplete();

    /// <summary>Writes until <see cref="Close"/> or until the stream breaks, which it throws.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var message in _waiting.Reader.ReadAllAsync(cancel))
        {
            await stream.WriteAsync(message, cancel);
        }

        await stream.CompleteAsync();
    }
}
