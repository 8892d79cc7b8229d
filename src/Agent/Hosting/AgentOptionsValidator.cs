using System.Text;
using Passthrough.Directories;

namespace Passthrough.Agent.Hosting;

/// <summary>The ranges of <see cref="AgentOptions"/>. Names every fault at once.</summary>
internal static class AgentOptionsValidator
{
    /// <summary>The longest path of a Unix domain socket: sun_path has 108 bytes with its final NUL (unix(7)).</summary>
    private const int LongestSocketPath = 107;

    public static IEnumerable<string> Faults(AgentOptions options) =>
        StateFaults(options)
            .Concat(Range(nameof(options.Credits), options.Credits, 1, 65_535))
            .Concat(Range(nameof(options.DrainTimeout), options.DrainTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(5)))
            .Concat(SocketFaults(options.OperatorSocket))
            .Concat(ForestFaults(options.Forests))
            .Concat(MonitoringFaults(options))
            .Concat(options.Operator.Faults().Select(fault => $"{nameof(options.Operator)}:{fault}"))
            .Concat(options.Cluster.Faults().Select(fault => $"{nameof(options.Cluster)}:{fault}"))
            .Concat(options.Journal.Faults().Select(fault => $"{nameof(options.Journal)}:{fault}"))
            .Concat(options.Lockout.Faults().Select(fault => $"{nameof(options.Lockout)}:{fault}"));

    /// <summary>What a question for the agent's health needs.</summary>
    public static IEnumerable<string> MonitoringFaults(AgentOptions options) =>
        options.Monitoring.Faults().Select(fault => $"{nameof(options.Monitoring)}:{fault}");

    /// <summary>What every command needs that is recorded; forests may still be missing then.</summary>
    public static IEnumerable<string> StateFaults(AgentOptions options)
    {
        if (!Path.IsPathFullyQualified(options.StateDirectory))
        {
            yield return $"{nameof(options.StateDirectory)} is '{options.StateDirectory}': must be an absolute path";
        }

        foreach (var fault in options.Audit.Faults())
        {
            yield return $"{nameof(options.Audit)}:{fault}";
        }
    }

    /// <summary>What moving the journal needs.</summary>
    public static IEnumerable<string> JournalFaults(AgentOptions options) =>
        StateFaults(options).Concat(options.Lockout.Faults().Select(fault => $"{nameof(options.Lockout)}:{fault}"));

    private static IEnumerable<string> ForestFaults(IList<ForestOptions> forests)
    {
        const int Most = 100;
        if (forests.Count is 0 or > Most)
        {
            yield return $"{nameof(AgentOptions.Forests)} names {forests.Count} forests: must name 1 to {Most}";
        }

        foreach (var fault in forests.SelectMany((forest, i) => ForestOptionsCheck.Faults(forest, $"{nameof(AgentOptions.Forests)}:{i}")))
        {
            yield return fault;
        }

        foreach (var twice in forests.GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            yield return $"{nameof(AgentOptions.Forests)} names {twice.Key} {twice.Count()} times: must name each forest once";
        }
    }

    private static IEnumerable<string> SocketFaults(string path)
    {
        if (!Path.IsPathFullyQualified(path) || Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
        {
            yield return $"{nameof(AgentOptions.OperatorSocket)} is '{path}': must be an absolute path of at most {LongestSocketPath} bytes";
        }
        else if (Operator.OperatorSocket.DashboardBeside(path) is var beside && (beside == path || Encoding.UTF8.GetByteCount(beside) > LongestSocketPath))
        {
            yield return $"{nameof(AgentOptions.OperatorSocket)} is '{path}': the dashboard's socket, {beside}, must be another file and have at most {LongestSocketPath} bytes";
        }
    }

    private static IEnumerable<string> Range<T>(string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            yield return $"{key} is {value}: must be {least} to {most}";
        }
    }
}
