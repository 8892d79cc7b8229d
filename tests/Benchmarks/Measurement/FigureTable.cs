namespace Passthrough.Benchmarks.Measurement;

/// <summary>The report of a benchmark whose figures are lines of one table.</summary>
internal static class FigureTable
{
    /// <summary>Prints it, with the machine and its load, and writes artifacts/bench/NAME.md.</summary>
    public static async Task WriteAsync(string name, IReadOnlyList<string> lines, CancellationToken cancel)
    {
        var load = (await File.ReadAllTextAsync("/proc/loadavg", cancel)).Split(' ')[0];
        var report = $"{MachineFacts.Read()}; load average at the end {load}\n\n| what | figure |\n| --- | --- |\n{string.Join('\n', lines)}\n";
        var file = Path.Combine(Repository.Root, "artifacts", "bench", $"{name}.md");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, report, cancel);
        Console.WriteLine(report);
    }
}
