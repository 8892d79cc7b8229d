namespace Passthrough.Agent.Hosting;

/// <summary>Which database keeps the lockout's journal.</summary>
public enum JournalProvider
{
    /// <summary>A file of this machine.</summary>
    Sqlite,

    /// <summary>PostgreSQL 12 or newer, durable as it comes (fsync and synchronous_commit on).</summary>
    PostgreSql,
}

/// <summary>Where the lockout's journal lies.</summary>
public sealed class JournalOptions
{
    /// <summary>Default SQLite.</summary>
    public JournalProvider Provider { get; set; }

    /// <summary>The SQLite database file; made if it is missing, with its directory existing. On a disk of this machine (not a
    /// network share: SQLite's locks do not hold there). Nodes of one cluster on one machine name the same file. Must be set
    /// for SQLite; the agent puts <c>journal.db</c> into its state directory.</summary>
    public string Path { get; set; } = "";

    /// <summary>For PostgreSQL: the file that holds the connection string, which has a password in it; readable by its owner
    /// only. The tables are made in the first schema of its user's search path, unless they exist.</summary>
    public string ConnectionStringFile { get; set; } = "";

    /// <summary>Every fault at once, each as the name of a property and what it must be; empty if there is none.</summary>
    public IReadOnlyList<string> Faults() => Provider == JournalProvider.Sqlite
        ? PathFaults(nameof(Path), Path, "the journal's file")
        : PathFaults(nameof(ConnectionStringFile), ConnectionStringFile, "the file that holds the connection string");

    private static IReadOnlyList<string> PathFaults(string name, string path, string what) =>
        path.Length == 0 ? [$"{name} is empty: must be the full path of {what}"]
        : !System.IO.Path.IsPathFullyQualified(path) ? [$"{name} is '{path}': must be a full path"]
        : [];
}
