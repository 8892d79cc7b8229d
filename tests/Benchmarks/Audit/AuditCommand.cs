using System.CommandLine;
using Passthrough.Benchmarks.Measurement;
using Passthrough.Benchmarks.Processes;

namespace Passthrough.Benchmarks.Audit;

/// <summary>`audit`: what a record costs the sign-in and the writer, and how long a large log takes to check and to search.</summary>
internal static class AuditCommand
{
    private static readonly Option<int> Records = new("--records")
    {
        Description = "Records of the log that is checked, 1,000 to 10,000,000.",
        DefaultValueFactory = _ => 1_000_000,
    };

    public static Command Create()
    {
        var command = new Command("audit", "Measures the audit log: appending, writing, checking and searching. Also writes artifacts/bench/audit.md.")
        {
            Records,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            using var scratch = new ScratchFolder();
            var with = await new AuditRun(scratch.CreateFolder("with"), arguments.GetValue(Records), pseudonyms: true).RunAsync(cancel);
            var without = await new AuditRun(scratch.CreateFolder("without"), arguments.GetValue(Records), pseudonyms: false).RunAsync(cancel);
            var lines = with.Zip(without, (a, b) => $"| {a.What} | {a.Figure} | {b.Figure} |").ToList();
            await FigureTable.WriteAsync("audit", lines, cancel, "with pseudonyms", "without");
            return 0;
        });
        return command;
    }
}
