namespace Passthrough.Directories.Pooling;

/// <summary>Time that never jumps: the wall clock of the start, moved on by the monotonic clock. For waits, not for people.</summary>
internal sealed class MonotonicClock(TimeProvider time)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startedAt = time.GetTimestamp();

    public DateTimeOffset Now => _start + time.GetElapsedTime(_startedAt);
}
