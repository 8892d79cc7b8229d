namespace Passthrough.Agent.Hosting;

/// <summary>A clock for deadlines: starts at the wall clock and then only ever goes forward at its own pace, whatever is done
/// to the wall clock.</summary>
internal sealed class SteadyClock(TimeProvider clock)
{
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly long _startedTicks = clock.GetTimestamp();

    public DateTimeOffset Now => _startedAt + clock.GetElapsedTime(_startedTicks);
}
