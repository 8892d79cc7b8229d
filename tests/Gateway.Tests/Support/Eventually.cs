using System.Diagnostics;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>Waits for a condition, with a deadline that a loaded machine keeps.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Deadline, $"never: {what}");
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(Deadline);

    public static Task InTimeAsync(this Task task) => task.WaitAsync(Deadline);
}
