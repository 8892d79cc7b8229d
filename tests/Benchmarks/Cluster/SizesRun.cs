using System.Globalization;
using Passthrough.Benchmarks.Load;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Cluster;

/// <summary>What a check costs in clusters of one, three and nine agents.</summary>
internal sealed class SizesRun(TimeSpan measured, int inFlight)
{
    private const int Users = 5_000, WarmUpChecksOfAgent = 10_000, Seed = 2026;
    private static readonly int[] Sizes = [1, 3, 9];

    /// <summary>The lines of the table.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(Action<string> progress, CancellationToken cancel)
    {
        List<string> lines = [];
        double? first = null;
        foreach (var agents in Sizes)
        {
            await using var cluster = await ClusterUnderTest.StartAsync(agents, Users, progress, cancel);
            var clients = Enumerable.Range(0, inFlight).Select(_ => new ValidationClient(cluster.Service, new StageLog())).ToArray();
            for (long warm = 0; warm < WarmUpChecksOfAgent * agents;)
            {
                warm += (await LoadGenerator.RunAsync(clients, cluster.Users, 0, TimeSpan.FromSeconds(5), Seed, cancel)).Answered;
            }

            OwnedProcess[] parts = [cluster.Gateway, .. cluster.Agents, cluster.Directory];
            var (cpu, bytes) = (parts.Select(part => ProcessCpu.Used(part.Id)).ToArray(), LoopbackBytes());
            var load = await LoadGenerator.RunAsync(clients, cluster.Users, 0, measured, Seed + 1, cancel);
            var used = parts.Select((part, i) => (ProcessCpu.Used(part.Id) - cpu[i]).TotalMicroseconds / load.Answered).ToArray();
            var perCheck = (LoopbackBytes() - bytes) / load.Answered;
            var ofAgents = used[1..^1].Sum();
            first ??= ofAgents;
            var memory = cluster.Agents.Average(agent => ResidentMib(agent.Id));
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"| {agents} | {load.Rate:0} | {load.Percentile(0.5).TotalMilliseconds:0.0} / {load.Percentile(0.99).TotalMilliseconds:0.0} | {used[0]:0} | {ofAgents:0} ({ofAgents / first:0.00}) | {used[^1]:0} | {perCheck:N0} | {memory:0} | {load.Errors.Values.Sum()} |"));
            progress(lines[^1]);
        }

        return lines;
    }

    /// <summary>Received by this network namespace's loopback since it came up: every byte of a check, once, and nobody else's if
    /// the run has a namespace of its own.</summary>
    private static long LoopbackBytes() => long.Parse(
        File.ReadLines("/proc/net/dev").First(line => line.TrimStart().StartsWith("lo:", StringComparison.Ordinal))
            .Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
        CultureInfo.InvariantCulture);

    private static double ResidentMib(int process) => double.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
