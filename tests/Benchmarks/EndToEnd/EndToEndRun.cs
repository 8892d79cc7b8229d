using Passthrough.Benchmarks.Load;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.EndToEnd;

/// <summary>One benchmark of whole checks: both systems before the same directory, one after the other, with the same
/// load, so that their ratio says something even where the machine's speed does not.</summary>
internal sealed class EndToEndRun(EndToEndOptions options, TimeProvider time)
{
    private const int Seed = 20_26;
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Connections to the directory that either system may keep for binds, and threads of the baseline. More did not
    /// make it faster on 2 cores.</summary>
    private const int DirectoryConnections = 16;

    private static readonly TimeSpan TimeToStart = TimeSpan.FromSeconds(60);

    private readonly BenchUsers _users = new(options.Users);

    /// <param name="progress">Gets a line at each step.</param>
    /// <returns>The report; it is also written to artifacts/bench/end-to-end.md.</returns>
    public async Task<string> RunAsync(Action<string> progress, CancellationToken cancel)
    {
        using var scratch = new ScratchFolder();
        try
        {
            progress($"slapd with {options.Users} users ...");
            var certificates = RunCertificates.Create(scratch, time.GetUtcNow());
            await using var directory = await SlapdServer.StartAsync(scratch, certificates, _users, cancel);
            var baseline = await MeasureBaselineAsync(scratch, directory, progress, cancel);
            var ours = await MeasureOursAsync(scratch, directory, progress, cancel);
            var report = EndToEndReport.Write(options, MachineFacts.Read(), time.GetUtcNow(), ours, baseline);
            await WriteReportAsync(report, cancel);
            return report;
        }
        finally
        {
            KeepLogs(scratch);
        }
    }

    private async Task<SystemMeasurement> MeasureBaselineAsync(
        ScratchFolder scratch, SlapdServer directory, Action<string> progress, CancellationToken cancel)
    {
        progress("FreeRADIUS with rlm_ldap ...");
        await using var radius = await FreeRadiusServer.StartAsync(scratch, directory, DirectoryConnections, cancel);
        return await MeasureAsync(
            "FreeRADIUS", () => new RadiusClient(radius.Port, radius.SharedSecret, ClientTimeout),
            [], [radius.Process, directory.Process], directory, progress, cancel);
    }

    private async Task<SystemMeasurement> MeasureOursAsync(
        ScratchFolder scratch, SlapdServer directory, Action<string> progress, CancellationToken cancel)
    {
        progress("gateway and agent ...");
        await using var gateway = await GatewayProcess.StartAsync(scratch, cancel);
        var installed = await AgentProcess.EnrolAsync("agent", scratch, gateway, directory, DirectoryConnections, cancel);
        await using var agent = installed.Start();
        using var http = GatewayConnections.Open(gateway.CaFile);
        var service = new ValidationService(http, gateway.Endpoint, await gateway.CreateApiKeyAsync(cancel), ClientTimeout);
        var stages = new List<StageLog>();
        await agent.WaitUntilAsync(AnswersAsync, TimeToStart, cancel);
        return await MeasureAsync("Passthrough", NewClient, stages, [gateway.Process, agent, directory.Process], directory, progress, cancel);

        ValidationClient NewClient()
        {
            stages.Add(new StageLog());
            return new ValidationClient(service, stages[^1]);
        }

        async Task<bool> AnswersAsync(CancellationToken inTime)
        {
            using var client = new ValidationClient(service, new StageLog());
            return (await client.CheckAsync(BenchUsers.Upn(0), BenchUsers.Password(0), inTime)).Outcome == CheckOutcome.Right;
        }
    }

    private async Task<SystemMeasurement> MeasureAsync(
        string name, Func<IPasswordChecker> newClient, IReadOnlyCollection<StageLog> stages, IReadOnlyList<OwnedProcess> processes,
        SlapdServer directory, Action<string> progress, CancellationToken cancel)
    {
        var clients = Enumerable.Range(0, options.InFlight).Select(_ => newClient()).ToArray();
        try
        {
            await WarmUpAsync(clients, cancel);
            var alone = await LoadGenerator.RunAsync(clients[..1], _users, options.WrongPercent, options.Alone, Seed + 1, cancel);
            foreach (var log in stages)
            {
                log.Clear();
            }

            var operationsBefore = await directory.CountOperationsAsync(cancel);
            progress($"measuring {name} ({string.Join(", ", processes.Select(process => $"{process.Name} {process.Id}"))}) ...");
            var cpuBefore = ReadCpu(processes);
            var loaded = await LoadGenerator.RunAsync(clients, _users, options.WrongPercent, options.Measured, Seed + 2, cancel);
            var cpuAfter = ReadCpu(processes);
            var operations = await directory.CountOperationsAsync(cancel) - operationsBefore;
            progress($"{name}: {loaded.Rate:0} checks a second");
            return new SystemMeasurement(
                name, loaded, alone, cpuAfter.ToDictionary(used => used.Key, used => used.Value - cpuBefore[used.Key]), operations,
                StageLog.Summarize(stages));
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
    }

    /// <summary>Just-in-time compilation follows use, not time: on a machine that is busy with something else it needs more of
    /// it.</summary>
    private async Task WarmUpAsync(IReadOnlyList<IPasswordChecker> clients, CancellationToken cancel)
    {
        var answered = 0L;
        for (var rounds = 0; rounds < EndToEndOptions.MostWarmUpRounds && answered < EndToEndOptions.WarmUpChecks; rounds++)
        {
            answered += (await LoadGenerator.RunAsync(clients, _users, wrongPercent: 0, options.WarmUpRound, Seed, cancel)).Answered;
        }
    }

    private static Dictionary<string, TimeSpan> ReadCpu(IEnumerable<OwnedProcess> processes)
    {
        var used = processes.ToDictionary(process => process.Name, process => ProcessCpu.Used(process.Id));
        used["driver"] = ProcessCpu.Used(Environment.ProcessId);
        return used;
    }

    private static async Task WriteReportAsync(string report, CancellationToken cancel)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "bench"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "end-to-end.md"), report, cancel);
    }

    private void KeepLogs(ScratchFolder scratch)
    {
        if (options.KeepLogs is null) return;
        Directory.CreateDirectory(options.KeepLogs);
        foreach (var log in Directory.EnumerateFiles(scratch.Path, "*.log"))
            File.Copy(log, Path.Combine(options.KeepLogs, Path.GetFileName(log)), overwrite: true);
    }
}
