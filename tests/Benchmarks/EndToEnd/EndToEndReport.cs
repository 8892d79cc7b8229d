using System.Globalization;
using System.Text;
using Passthrough.Benchmarks.Load;
using Passthrough.Benchmarks.Measurement;

namespace Passthrough.Benchmarks.EndToEnd;

/// <summary>The run in words: markdown whose tables also read well on a terminal.</summary>
internal static class EndToEndReport
{
    private const int FirstColumn = 34;
    private const int Column = 14;

    public static string Write(
        EndToEndOptions options, MachineFacts machine, DateTimeOffset at, SystemMeasurement ours, SystemMeasurement baseline)
    {
        var text = new StringBuilder();
        Line(text, $"{at.UtcDateTime:yyyy-MM-dd HH:mm} UTC, {machine}");
        Line(text, $"");
        Line(text, $"{options.Users} users, {options.InFlight} checks in flight, {options.WrongPercent} % wrong passwords, {options.Measured.TotalSeconds:0} s a phase; directory, both systems and driver on this machine");
        Line(text, $"");
        Row(text, "", ours.Name, baseline.Name, "ratio");
        Row(text, "---", "---:", "---:", "---:");
        Figure(text, "checks a second", ours.Loaded.Rate, baseline.Loaded.Rate, "0");
        Latencies(text, "", ours.Loaded, baseline.Loaded);
        Latencies(text, "one at a time: ", ours.Alone, baseline.Alone);
        foreach (var process in ours.Cpu.Keys.Union(baseline.Cpu.Keys))
            Figure(text, $"CPU a check, {process}, µs", ours.CpuPerCheck(process), baseline.CpuPerCheck(process), "0");
        Figure(text, "CPU a check, all, µs", ours.CpuPerCheckOfAll, baseline.CpuPerCheckOfAll, "0");
        Figure(text, "CPU of the machine used, %", 100 * ours.Busy(machine.Cores), 100 * baseline.Busy(machine.Cores), "0");
        Figure(text, "directory binds a check", PerCheck(ours, ours.Directory.Binds), PerCheck(baseline, baseline.Directory.Binds), "0.00");
        Figure(
            text, "directory searches a check", PerCheck(ours, ours.Directory.Searches), PerCheck(baseline, baseline.Directory.Searches), "0.00");
        Figure(text, "answers that were not as they should be", ours.Loaded.Errors.Values.Sum(), baseline.Loaded.Errors.Values.Sum(), "0");
        Stages(text, ours);
        Errors(text, ours);
        Errors(text, baseline);
        return text.ToString();
    }

    private static void Latencies(StringBuilder text, string phase, LoadResult ours, LoadResult baseline)
    {
        Figure(text, $"{phase}p50, ms", ours.Percentile(0.5).TotalMilliseconds, baseline.Percentile(0.5).TotalMilliseconds, "0.00");
        Figure(text, $"{phase}p99, ms", ours.Percentile(0.99).TotalMilliseconds, baseline.Percentile(0.99).TotalMilliseconds, "0.00");
    }

    private static void Stages(StringBuilder text, SystemMeasurement system)
    {
        if (system.Stages.Count == 0) return;
        Line(text, $"");
        Line(text, $"Where the time of a check goes ({system.Name}, under load; medians of each stage, so they need not add up):");
        Line(text, $"");
        Row(text, "stage", "median, µs", "p99, µs");
        Row(text, "---", "---:", "---:");
        foreach (var stage in system.Stages) Row(text, stage.Stage, Number(stage.Median, "0"), Number(stage.P99, "0"));
    }

    private static void Errors(StringBuilder text, SystemMeasurement system)
    {
        foreach (var (phase, load) in new[] { ("under load", system.Loaded), ("one at a time", system.Alone) })
        {
            foreach (var (kind, count) in load.Errors) Line(text, $"\n{system.Name}, {phase}: {kind}: {count}");
        }
    }

    private static double PerCheck(SystemMeasurement system, long count) =>
        system.Loaded.Answered == 0 ? 0 : (double)count / system.Loaded.Answered;

    private static void Figure(StringBuilder text, string name, double? ours, double? baseline, string format) =>
        Row(text, name, Number(ours, format), Number(baseline, format), ours is { } o && baseline is > 0 and { } b ? Number(o / b, "0.00") : "");

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static void Row(StringBuilder text, string name, params string[] cells) =>
        Line(text, $"| {name,-FirstColumn} | {string.Join(" | ", cells.Select(cell => cell.PadLeft(Column)))} |");

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
