using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Passthrough.Benchmarks.Micro;

/// <summary>`micro`: the pieces of the hot path, each class with a baseline that its ratios refer to.</summary>
internal static class MicroCommand
{
    private static readonly Option<string> Filter = new("--filter")
    {
        Description = "Which benchmarks, by a pattern of BenchmarkDotNet, as *Sealing*.",
        DefaultValueFactory = _ => "*",
    };

    public static Command Create()
    {
        var command = new Command(
            "micro", "Times the pieces of the hot path one by one with BenchmarkDotNet. Also writes artifacts/bench/micro.")
        {
            Filter,
        };
        command.SetAction(arguments =>
        {
            var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly)
                .Run(["--filter", arguments.GetValue(Filter)!], Configuration());
            return summaries.Any() && summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success))
                ? 0
                : 1;
        });
        return command;
    }

    /// <summary>In this process: BenchmarkDotNet's own projects would be built under this repository's rules for sources.</summary>
    private static ManualConfig Configuration() => ManualConfig.CreateEmpty()
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(8))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .HideColumns(Column.Error, Column.RatioSD, Column.Gen0, Column.Gen1, Column.Gen2)
        .AddExporter(MarkdownExporter.GitHub)
        .AddLogger(ConsoleLogger.Default)
        .WithArtifactsPath(Path.Combine(Repository.Root, "artifacts", "bench", "micro"));
}
