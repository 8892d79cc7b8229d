using Passthrough.Benchmarks.Load;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Measurement;

/// <summary>What was measured of one system under test.</summary>
/// <param name="Loaded">The phase with many checks in flight.</param>
/// <param name="Alone">The phase with one check in flight.</param>
/// <param name="Cpu">CPU time of each process in the loaded phase.</param>
/// <param name="Directory">Operations that the directory completed in the loaded phase.</param>
/// <param name="Stages">The system's own account of the loaded phase; empty if it gives none.</param>
internal sealed record SystemMeasurement(
    string Name,
    LoadResult Loaded,
    LoadResult Alone,
    IReadOnlyDictionary<string, TimeSpan> Cpu,
    DirectoryOperations Directory,
    IReadOnlyList<StageTimes> Stages)
{
    /// <summary>CPU time of a process for one right answer, in microseconds; null if the process is not part of it.</summary>
    public double? CpuPerCheck(string process) =>
        Cpu.TryGetValue(process, out var used) && Loaded.Answered > 0 ? used.TotalMicroseconds / Loaded.Answered : null;

    /// <summary>CPU time of all processes for one right answer, in microseconds.</summary>
    public double CpuPerCheckOfAll => Loaded.Answered > 0 ? Cpu.Values.Sum(used => used.TotalMicroseconds) / Loaded.Answered : 0;

    /// <summary>Share of the machine's CPU time that these processes used.</summary>
    public double Busy(int cores) => Cpu.Values.Sum(used => used.TotalSeconds) / (Loaded.Elapsed.TotalSeconds * cores);
}
