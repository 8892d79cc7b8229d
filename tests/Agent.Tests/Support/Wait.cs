using System.Diagnostics;

namespace Passthrough.Agent.Tests.Support;

/// <summary>For a condition, with a deadline that a loaded machine keeps.</summary>
internal static class Wait
{
    public static Task UntilAsync(Func<bool> condition, int seconds = 60) => UntilAsync(() => Task.FromResult(condition()), seconds);

    public static async Task UntilAsync(Func<Task<bool>> condition, int seconds = 60)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < seconds, $"the condition did not hold within {seconds} s");
            await Task.Delay(20);
        }
    }
}
