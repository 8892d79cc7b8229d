using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Passthrough.Agent.Tests.Support;

/// <summary>Stands still until a test says how much time passes: a busy machine is never late by it.</summary>
internal sealed class SteppedClock() : FakeTimeProvider(System.GetUtcNow())
{
    private readonly ConcurrentQueue<TimeSpan> _timers = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Enqueue(dueTime);
        return timer;
    }

    /// <summary>Lets a time pass when somebody waits for just that.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await Await.ThatAsync(() => _timers.Contains(time), $"a timer of {time}");
        Advance(time);
    }
}
