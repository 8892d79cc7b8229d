using System.Threading.Channels;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>An attempt as it came from a stream.</summary>
/// <param name="ReceivedAt">A timestamp of the agent's TimeProvider: the deadline counts from there.</param>
/// <param name="Reply">Called exactly once, with the message for the stream it came from; null if nothing can be said.</param>
internal sealed record IncomingAttempt(Attempt Attempt, long ReceivedAt, Action<FromAgent?> Reply)
{
    /// <summary>It came from a peer that cannot reach its forest: it is not handed on.</summary>
    public bool IsHandedOver { get; init; }
}

/// <summary>The one door to the workers, whichever gateway an attempt comes from. Bounded: as many as there are credits are
/// worked on, as many again wait, and the next is refused at once, so that nobody queues behind what cannot be done.</summary>
internal sealed class Intake : IAsyncDisposable
{
    private readonly Channel<IncomingAttempt> _waiting;
    private readonly Task[] _workers;
    private int _count;

    /// <param name="work">Makes the reply; must not throw and must end by the attempt's deadline.</param>
    public Intake(int credits, Func<IncomingAttempt, Task<FromAgent?>> work)
    {
        _waiting = Channel.CreateBounded<IncomingAttempt>(new BoundedChannelOptions(credits) { FullMode = BoundedChannelFullMode.Wait });
        _workers = [.. Enumerable.Range(0, credits).Select(_ => WorkAsync(work))];
    }

    /// <summary>Attempts that were taken and have not been replied to.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>False: full, or closed; then the caller says so to the gateway.</summary>
    public bool TryTake(IncomingAttempt attempt)
    {
        Interlocked.Increment(ref _count);
        var taken = _waiting.Writer.TryWrite(attempt);
        if (!taken)
        {
            Interlocked.Decrement(ref _count);
        }

        return taken;
    }

    /// <summary>Takes nothing more and waits for what was taken.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_workers);
    }

    private async Task WorkAsync(Func<IncomingAttempt, Task<FromAgent?>> work)
    {
        await foreach (var incoming in _waiting.Reader.ReadAllAsync())
        {
            var reply = await work(incoming);
            Interlocked.Decrement(ref _count);
            incoming.Reply(reply);
        }
    }
}
