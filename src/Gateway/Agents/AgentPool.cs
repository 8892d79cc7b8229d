namespace Passthrough.Gateway.Agents;

/// <summary>The agents of one forest of one tenant that are connected here, one stream each, and the requests that wait until
/// one of them has room.</summary>
internal sealed class AgentPool
{
    /// <summary>More than so many do not wait: they are told at once to try again later.</summary>
    private const int MaxWaiting = 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private volatile AgentConnection[] _agents = [];
    private volatile int _waitingCount;

    public ReadOnlySpan<AgentConnection> Agents => _agents;

    public void Add(AgentConnection agent)
    {
        lock (_gate)
        {
            _agents = [.. _agents, agent];
        }

        Wake(agent.Credits);
    }

    public void Remove(AgentConnection agent)
    {
        lock (_gate)
        {
            _agents = [.. _agents.Where(a => a != agent)];
        }
    }

    /// <summary>A place among those who wait, first come first served; null if too many do. To be disposed of.</summary>
    public Place? Enter()
    {
        lock (_gate)
        {
            if (_waitingCount >= MaxWaiting)
            {
                return null;
            }

            _waitingCount++;
            return new Place(this, _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
    }

    /// <summary>So many more attempts can be taken now.</summary>
    public void Wake(int count)
    {
        // The common case, without a lock: nobody waits. Who enters looks for room once more after that.
        if (_waitingCount == 0)
        {
            return;
        }

        lock (_gate)
        {
            for (var node = _waiting.First; node is not null && count > 0; node = node.Next)
            {
                count -= node.Value.TrySetResult() ? 1 : 0;
            }
        }
    }

    private void Leave(LinkedListNode<TaskCompletionSource> node)
    {
        lock (_gate)
        {
            _waiting.Remove(node);
            _waitingCount--;
        }
    }

    public sealed class Place(AgentPool pool, LinkedListNode<TaskCompletionSource> node) : IDisposable
    {
        /// <summary>Waits until there may be room, or the time is over.</summary>
        public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancel)
        {
            if (atMost > TimeSpan.Zero)
            {
                using var timer = time.CreateTimer(
                    static woken => ((TaskCompletionSource)woken!).TrySetResult(), node.Value, atMost, Timeout.InfiniteTimeSpan);
                await node.Value.Task.WaitAsync(cancel);
            }
        }

        public void Dispose() => pool.Leave(node);
    }
}
