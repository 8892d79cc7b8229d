using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Renewal;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>Keeps one stream to one gateway address up. A stream that is to be replaced (renewed certificate, gateway that
/// drains) goes on serving until the new one is welcomed, and is drained then.</summary>
internal sealed class GatewayLink(StreamShared shared, Uri gateway, CurrentIdentity identity, TimeSpan drainTimeout)
{
    private readonly List<Task> _drains = [];
    private GatewayStream? _active;
    private StartFault? _fault;

    public Uri Gateway => gateway;

    /// <summary>A stream is welcomed and has not ended.</summary>
    public bool IsUp => Volatile.Read(ref _active) is { Completion.IsCompleted: false };

    /// <summary>Why the last try to connect failed; null after one that did not.</summary>
    public StartFault? Fault => Volatile.Read(ref _fault);

    /// <summary>How far this machine's clock is before the gateway's; null: it has not told on this stream.</summary>
    public TimeSpan? ClockAhead => Volatile.Read(ref _active)?.ClockAhead;

    /// <summary>A gateway that has no stream at this moment is not told: what it keeps ends with its time.</summary>
    public void TellLockEnded(LockEnded ended) => Volatile.Read(ref _active)?.TellLockEnded(ended);

    /// <param name="onFault">Told of each connection that failed.</param>
    /// <param name="stopping">Cancelled at the stop: what is in flight is finished, then the task ends.</param>
    public async Task RunAsync(Action onFault, CancellationToken stopping)
    {
        var failures = 0;
        try
        {
            while (true)
            {
                await shared.Gate.Opened.WaitAsync(stopping);
                if (await TryOpenAsync(failures, stopping) is not { } fresh)
                {
                    failures++;
                    onFault();
                    await DelayAsync(failures, stopping);
                    continue;
                }

                failures = 0;
                Replace(fresh);
                await ServeAsync(fresh, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await (_active?.DrainAsync("the agent stops", drainTimeout) ?? Task.CompletedTask);
            await Task.WhenAll(_drains);
        }
    }

    private async Task<GatewayStream?> TryOpenAsync(int failures, CancellationToken stopping)
    {
        try
        {
            var fresh = await StreamOpener.OpenAsync(shared, gateway, identity.Value, stopping);
            Volatile.Write(ref _fault, null);
            shared.Log.Connected(gateway);
            return fresh;
        }
        catch (StartFaultException e)
        {
            Volatile.Write(ref _fault, e.Faults[0]);
            shared.Log.NotConnected(gateway, e.Faults[0].ToString(), failures + 1);
            return null;
        }
    }

    private void Replace(GatewayStream fresh)
    {
        if (_active is { Completion.IsCompleted: false } old)
        {
            _drains.RemoveAll(drain => drain.IsCompleted);
            _drains.Add(DrainAsync(old));
        }

        Volatile.Write(ref _active, fresh);
    }

    private async Task DrainAsync(GatewayStream old)
    {
        shared.Log.Replaced(gateway);
        await old.DrainAsync("another stream takes over", drainTimeout);
        shared.Log.Drained(gateway, (await old.Completion).Reason);
    }

    /// <summary>Until there is a reason to open another stream.</summary>
    private async Task ServeAsync(GatewayStream stream, CancellationToken stopping)
    {
        var ended = stream.Completion;
        var first = await Task.WhenAny(ended, stream.GatewayDrains, identity.Replaced(stream.Identity), shared.Gate.Closed).WaitAsync(stopping);
        if (!shared.Gate.IsOpen)
        {
            await stream.DrainAsync("an operator drains the agent", drainTimeout);
            shared.Log.Drained(gateway, (await ended).Reason);
        }
        else if (first == ended)
        {
            shared.Log.StreamEnded(gateway, (await ended).Reason);
            await DelayAsync(0, stopping);
        }
        else if (first == stream.GatewayDrains)
        {
            shared.Log.GatewayDrains(gateway);
            await DelayAsync(0, stopping);
        }
    }

    private Task DelayAsync(int failures, CancellationToken stopping) =>
        Task.Delay(ReconnectDelay.After(failures, Random.Shared.NextDouble()), shared.Clock, stopping);
}
