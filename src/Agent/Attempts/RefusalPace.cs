using System.Security.Cryptography;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Agent.Attempts;

/// <summary>Keeps names of nobody at the pace of wrong passwords: see <see cref="RefusalTimes"/>. One for each forest.</summary>
internal sealed class RefusalPace(TimeProvider clock)
{
    private RefusalTimes _times = RefusalTimes.None;

    /// <param name="since">A timestamp of the clock: when the attempt began whose password was wrong.</param>
    public void Keep(long since)
    {
        // Of two at the same moment one may be lost.
        Volatile.Write(ref _times, Volatile.Read(ref _times).With(clock.GetElapsedTime(since)));
    }

    /// <summary>Waits until an attempt that began then has taken as long as one with a wrong password.</summary>
    /// <param name="atMost">The wait ends then in any case.</param>
    public Task WaitAsync(long since, TimeSpan atMost)
    {
        var left = Volatile.Read(ref _times).Draw(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint))))
            - clock.GetElapsedTime(since);
        left = left < atMost ? left : atMost;
        return left > TimeSpan.Zero ? Task.Delay(left, clock) : Task.CompletedTask;
    }
}
