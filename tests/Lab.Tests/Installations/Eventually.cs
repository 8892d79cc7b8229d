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

    /// <summary>As <see cref="TrueAsync"/>, of what a command says; a failure shows what it said last.</summary>
    public static async Task SaidAsync(string what, TimeSpan within, Func<Task<string>> ask, Func<string, bool> isSaid)
    {
        var last = "";
        try
        {
            await TrueAsync(what, within, async () => isSaid(last = await ask()));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; last said:\n{last}");
        }
    }
}
