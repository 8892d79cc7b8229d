namespace Passthrough.Agent.Hosting;

/// <summary>Where the lockout's journal lies.</summary>
public sealed class JournalOptions
{
    /// <summary>The SQLite database file; made if it is missing, with its directory existing. On a disk of this machine (not a
    /// network share: SQLite's locks do not hold there). Nodes of one cluster on one machine name the same file. Must be set;
    /// the agent puts <c>journal.db</c> into its state directory.</summary>
    public string Path { get; set; } = "";

    /// <summary>Every fault at once, each as the name of a property and what it must be; empty if there is none.</summary>
    public IReadOnlyList<string> Faults() =>
        Path.Length == 0 ? [$"{nameof(Path)} is empty: must be the full path of the journal's file"]
        : !System.IO.Path.IsPathFullyQualified(Path) ? [$"{nameof(Path)} is '{Path}': must be a full path"]
        : [];
}
