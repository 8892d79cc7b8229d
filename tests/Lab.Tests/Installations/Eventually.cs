using System.Diagnostics;

namespace Passthrough.Lab.Tests.Installations;

/// <summary>Waiting for a condition, with a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> TrueAsync(string what, TimeSpan within, Func<Task<bool>> condition)
    {
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(since) > within)
            {
                throw new TimeoutException($"{what}: not within {within.TotalSeconds:0} s");
            }

            await timer.WaitForNextTickAsync();
        }

        return Stopwatch.GetElapsedTime(since);
    }
}
