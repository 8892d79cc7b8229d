using System.Runtime.InteropServices;

namespace Passthrough.Benchmarks.Measurement;

/// <summary>What the figures were measured on.</summary>
internal sealed record MachineFacts(string Processor, int Cores, double MemoryGib, string System, string Runtime)
{
    public static MachineFacts Read() => new(
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':', 2)[1].Trim() ?? "unknown processor",
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    public override string ToString() => $"{Processor}, {Cores} cores, {MemoryGib:0} GiB, {System}, {Runtime}";
}
