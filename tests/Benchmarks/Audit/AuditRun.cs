using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Passthrough.Audit;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Audit;

namespace Passthrough.Benchmarks.Audit;

/// <summary>One log on the disk of this machine.</summary>
internal sealed class AuditRun(string folder, int records, bool pseudonyms)
{
    private const int Burst = 10_000, Bursts = 20, Batch = 1000, People = 10_000;

    private static readonly TimeSpan BetweenBursts = TimeSpan.FromMilliseconds(500);
    private static readonly string[] Names = [.. Enumerable.Range(0, People).Select(i => $"user{i}@corp.example")];
    private static readonly string[] Networks = [.. Enumerable.Range(0, 256).Select(i => $"198.51.{i}.0/24")];

    public async Task<IReadOnlyList<(string What, string Figure)>> RunAsync(CancellationToken cancel)
    {
        var lines = new List<(string, string)>();
        await AppendAsync(lines, cancel);
        var place = PlaceOf("large");
        await WriteAsync(place, lines, cancel);
        var began = Stopwatch.GetTimestamp();
        var report = await AuditReader.VerifyAsync(place, [], TimeProvider.System, cancel);
        Row(lines, $"checking {records:N0} records and their heads, s", Stopwatch.GetElapsedTime(began).TotalSeconds, "0.00");
        if (report.Fault is { } fault)
        {
            throw new BenchmarkFault($"the log is not whole: {fault}");
        }

        began = Stopwatch.GetTimestamp();
        await foreach (var found in AuditReader.FindAsync(place, new AuditQuery(Id: Guid.CreateVersion7().ToString("n")), TimeProvider.System, cancel))
        {
            throw new BenchmarkFault($"found {found.Length} bytes of nobody");
        }

        Row(lines, $"searching {records:N0} records for a request id, s", Stopwatch.GetElapsedTime(began).TotalSeconds, "0.00");
        return lines;
    }

    /// <summary>Bursts, so that the queue is never full: what the caller pays, then what the process pays in all.</summary>
    private async Task AppendAsync(List<(string, string)> lines, CancellationToken cancel)
    {
        var (waited, allocated, cpu) = (TimeSpan.Zero, 0L, TimeSpan.Zero);
        await using (var log = AuditLog.Open(PlaceOf("small"), "benchmark", TimeProvider.System, NullLogger.Instance))
        {
            for (var burst = -2; burst < Bursts; burst++)
            {
                if (burst == 0)
                {
                    (waited, allocated, cpu) = (TimeSpan.Zero, 0, ProcessCpu.Used(Environment.ProcessId));
                }

                var (bytes, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
                for (var i = 0; i < Burst; i++)
                {
                    log.Append(SignIn(i));
                }

                waited += Stopwatch.GetElapsedTime(began);
                allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
                await Task.Delay(BetweenBursts, cancel);
            }
        }

        const double Count = Burst * (double)Bursts;
        Row(lines, "making and appending a record, ns of the sign-in", waited.TotalNanoseconds / Count, "0");
        Row(lines, "of it allocated, bytes", allocated / Count, "0");
        Row(lines, "all of a record, CPU of the process, µs", (ProcessCpu.Used(Environment.ProcessId) - cpu).TotalMicroseconds / Count, "0.0");
    }

    private async Task WriteAsync(AuditPlace place, List<(string, string)> lines, CancellationToken cancel)
    {
        using var writer = new ChainWriter(place, TimeProvider.System, rotates: true);
        var began = Stopwatch.GetTimestamp();
        for (var written = 0; written < records; written += Batch)
        {
            await writer.WriteAsync([.. Enumerable.Range(written, Batch).Select(SignIn)], sign: true, cancel);
        }

        Row(lines, "writing, a head and a flush after each thousand, records/s", records / Stopwatch.GetElapsedTime(began).TotalSeconds, "0");
        var size = new DirectoryInfo(place.Folder).GetFiles().Sum(file => file.Length);
        Row(lines, "bytes of a record", size / (double)records, "0");
    }

    private AuditPlace PlaceOf(string name)
    {
        var state = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        return new AuditPlace(state, new AuditOptions { Pseudonyms = pseudonyms });
    }

    private static AuditEntry.SignIn SignIn(int i) => new(TimeProvider.System.GetUtcNow(), new AttemptId(Guid.CreateVersion7()), Verdict.Success)
    {
        Tenant = "contoso",
        Account = Names[i % People],
        ObjectGuid = new Guid(i % People, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        Source = Networks[i % Networks.Length],
        Via = "page",
        Agent = "0f8fad5bd9cb469f",
        AgentName = "agent-1",
        DomainController = "dc1.corp.example",
        Route = "dns-name corp.example",
        Permit = (ulong)i,
        Dispatches = 1,
        Times = new SignInTimes(11, 2200, 300, 40, 4100, 6700, 7000),
    };

    private static void Row(List<(string, string)> lines, string what, double figure, string format) =>
        lines.Add((what, figure.ToString(format, CultureInfo.InvariantCulture)));
}
