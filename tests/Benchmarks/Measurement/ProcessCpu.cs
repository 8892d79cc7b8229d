using System.Globalization;

namespace Passthrough.Benchmarks.Measurement;

/// <summary>CPU time of a process with all its threads, user and system, from /proc/PID/stat (proc(5)). The kernel
/// counts it in steps of 10 ms, so it says something about seconds, not about one check.</summary>
internal static class ProcessCpu
{
    private const int TicksPerSecond = 100;

    public static TimeSpan Used(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        // The name, in parentheses, may itself hold spaces and parentheses: count fields from its end. utime and stime are
        // fields 14 and 15 of the line, 11 and 12 after the name (from 0).
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }
}
