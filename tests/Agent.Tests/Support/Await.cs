namespace Passthrough.Agent.Tests.Support;

/// <summary>Waiting for a condition, with a deadline that a slow machine keeps too.</summary>
internal static class Await
{
    /// <summary>For a TestKit: its probes would wait for three seconds only.</summary>
    public const string PatientProbes = "akka.test { single-expect-default = 60s, default-timeout = 60s }\n";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task ThatAsync(Func<bool> condition, string what)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"not within {Patience.TotalSeconds} s: {what}");
            }
        }
    }

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static Task InTime(this Task task) => task.WaitAsync(Patience);
}
