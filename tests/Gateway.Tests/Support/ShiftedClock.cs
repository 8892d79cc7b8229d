namespace Passthrough.Gateway.Tests.Support;

/// <summary>The machine's clock, set as far ahead as a test says. Timers and what is measured go on at their own pace.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _ahead;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));
}
