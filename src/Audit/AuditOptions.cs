namespace Passthrough.Audit;

/// <summary>What a site decides about its audit and sign-in log. The same section in both programs; docs/AUDIT.md explains it.</summary>
public sealed class AuditOptions
{
    private static readonly TimeSpan LeastRetention = TimeSpan.FromDays(1), MostRetention = TimeSpan.FromDays(3650);

    /// <summary>Whether anything is recorded. Default true: who needs the log needs what was before.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The directory of the log's files, on a disk of this machine; made with mode 0700. Default empty: audit in the state
    /// directory. Its keys stay in the state directory.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Whether names and networks of people are replaced by pseudonyms, so that one person's can be erased. Default true.</summary>
    public bool Pseudonyms { get; set; } = true;

    /// <summary>How long records are kept; whole files go, so up to a day longer. Default 180 d; 1 d to 3650 d.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(180);

    public IEnumerable<string> Faults()
    {
        if (Directory.Length > 0 && !Path.IsPathFullyQualified(Directory))
        {
            yield return $"{nameof(Directory)} is '{Directory}': must be an absolute path, or empty";
        }

        if (Retention < LeastRetention || Retention > MostRetention)
        {
            yield return $"{nameof(Retention)} is {Retention}: must be {LeastRetention} to {MostRetention}";
        }
    }
}
