using System.Diagnostics;
using Passthrough.Benchmarks.EndToEnd;

namespace Passthrough.Benchmarks.Load;

/// <summary>Keeps a fixed number of checks in flight for a time: each client sends its next check when it has the answer
/// to the last. So latency and rate hang together (in flight = rate × mean latency); how long a check takes when
/// nothing waits is a run with one in flight.</summary>
internal static class LoadGenerator
{
    /// <param name="wrongPercent">Share of checks with a wrong password, 0 to 100.</param>
    /// <param name="seed">Names the order of users; each client draws from a sequence of its own.</param>
    public static async Task<LoadResult> RunAsync(
        IReadOnlyList<IPasswordChecker> clients, BenchUsers users, double wrongPercent, TimeSpan duration, int seed,
        CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        // Task.Run: a client that answers without waiting must not keep the others from starting.
        var parts = await Task.WhenAll(clients.Select((client, number) => Task.Run(
            () => RunClientAsync(client, users, wrongPercent, end, new Random(seed + number), cancel), cancel)));
        return LoadResult.Merge(parts, Stopwatch.GetElapsedTime(started));
    }

    private static async Task<LoadResult.Part> RunClientAsync(
        IPasswordChecker client, BenchUsers users, double wrongPercent, long end, Random random, CancellationToken cancel)
    {
        var part = new LoadResult.Part();
        while (Stopwatch.GetTimestamp() < end)
        {
            cancel.ThrowIfCancellationRequested();
            var user = random.Next(users.Count);
            var wrong = random.NextDouble() * 100 < wrongPercent;
            var password = BenchUsers.Password(user) + (wrong ? "?" : "");
            var sent = Stopwatch.GetTimestamp();
            var answer = await client.CheckAsync(BenchUsers.Upn(user), password, cancel);
            part.Add(Stopwatch.GetTimestamp() - sent, answer, expected: wrong ? CheckOutcome.Wrong : CheckOutcome.Right);
        }
        return part;
    }
}
