namespace Passthrough.Benchmarks.Measurement;

/// <summary>The report of a benchmark whose figures are lines of one table.</summary>
internal static class FigureTable
{
    /// <summary>Prints it, with the machine and its load, and writes artifacts/bench/NAME.md.</summary>
    /// <param name="columns">Heads of the columns behind the first; none: one, "figure".</param>
    public static async Task WriteAsync(string name, IReadOnlyList<string> lines, CancellationToken cancel, params string[] columns)
    {
        string[] heads = ["what", .. columns.Length == 0 ? ["figure"] : columns];
        var load = (await File.ReadAllTextAsync("/proc/loadavg", cancel)).Split(' ')[0];
        var report = $"{MachineFacts.Read()}; load average at the end {load}\n\n| {string.Join(" | ", heads)} |\n"
            + $"|{string.Concat(heads.Select(_ => " --- |"))}\n{string.Join('\n', lines)}\n";
        var file = Path.Combine(Repository.Root, "artifacts", "bench", $"{name}.md");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, report, cancel);
        Console.WriteLine(report);
    }
}
