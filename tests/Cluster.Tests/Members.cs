using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests;

/// <summary>What agents say of their cluster.</summary>
internal static class Members
{
    /// <summary>Waits until each of these agents sees so many members, all of them up and reachable.</summary>
    public static Task<TimeSpan> MembersAsync(this Installation installation, int count, params int[] agents) => Eventually.TrueAsync(
        $"agents {string.Join(", ", agents)} are one cluster of {count} ({installation.Home})", TimeSpan.FromSeconds(90), async () =>
        {
            foreach (var agent in agents)
            {
                var (code, shown) = await installation.Agent(agent).PbmAsync("cluster", "show");
                var lines = shown.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                if (code != 0 || lines.Length != count || !lines.All(line => line.Contains("| up | reachable |", StringComparison.Ordinal)))
                {
                    return false;
                }
            }

            return true;
        });
}

/// <summary>One journal file for the agents of a test, which are one cluster by it.</summary>
internal sealed class SharedJournal : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-journal-");

    /// <summary>Of an agent, by itself or under others.</summary>
    public Dictionary<string, string> Options => new() { ["Journal__Path"] = Path.Combine(_folder.FullName, "journal.db") };

    public void Dispose() => _folder.Delete(recursive: true);
}
