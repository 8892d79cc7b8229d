namespace Passthrough.Decisions.Monitoring;

/// <summary>What a monitoring system is told by a command: an exit code and one line, as the plugins of Nagios and its successors
/// have it.</summary>
/// <param name="ExitCode">0: well. 1: somebody should look. 2: no sign-in here. 3: it could not be found out.</param>
public sealed record CheckResult(int ExitCode, string Line)
{
    /// <param name="node">Who it is about, as people call it.</param>
    /// <param name="parts">Each part by its name, in the order in which they are told.</param>
    public static CheckResult Of(string node, IReadOnlyCollection<(string Part, Finding Finding)> parts)
    {
        var worst = parts.Count == 0 ? HealthState.Healthy : parts.Max(part => part.Finding.State);
        var faults = parts.Where(part => part.Finding.State != HealthState.Healthy)
            .OrderByDescending(part => part.Finding.State)
            .Select(part => $"{part.Part}: {part.Finding.Reason}");
        return worst switch
        {
            HealthState.Healthy => new(0, $"OK - {node}: all of {string.Join(", ", parts.Select(part => part.Part))} well"),
            HealthState.Degraded => new(1, $"WARNING - {node}: {string.Join("; ", faults)}"),
            _ => new(2, $"CRITICAL - {node}: {string.Join("; ", faults)}"),
        };
    }

    /// <summary>The program does not answer: no sign-in here.</summary>
    public static CheckResult Dead(string node, string why) => new(2, $"CRITICAL - {node}: {why}");

    /// <summary>Nothing is known.</summary>
    public static CheckResult Unknown(string node, string why) => new(3, $"UNKNOWN - {node}: {why}");
}
