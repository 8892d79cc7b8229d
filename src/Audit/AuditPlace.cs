using System.Diagnostics;

namespace Passthrough.Audit;

/// <summary>Where a log is: its files in one directory, what proves and opens them in the state directory beside it.</summary>
public sealed class AuditPlace(string stateDirectory, AuditOptions options)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = ~(OwnerOnly | UnixFileMode.UserExecute);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10), LockInterval = TimeSpan.FromMilliseconds(5);

    public AuditOptions Options => options;

    /// <summary>Of the log's files.</summary>
    public string Folder { get; } = options.Directory.Length > 0 ? options.Directory : Path.Combine(stateDirectory, "audit");

    /// <summary>The key that signs heads.</summary>
    internal string SigningKeyFile { get; } = Path.Combine(stateDirectory, "audit-signing.key");

    /// <summary>The keys of the pseudonyms.</summary>
    internal string NamesFile { get; } = Path.Combine(stateDirectory, "audit-names.key");

    /// <summary>The last signed head, so that the end of the log cannot be cut off alone.</summary>
    internal string HeadFile { get; } = Path.Combine(stateDirectory, "audit.head");

    private string LockFile { get; } = Path.Combine(stateDirectory, "audit.lock");

    /// <summary>Whether there is a place for its keys.</summary>
    internal bool HasState => Directory.Exists(Path.GetDirectoryName(LockFile));

    /// <exception cref="AuditFaultException">The folder cannot be made, or others may enter it.</exception>
    internal void Make()
    {
        try
        {
            Directory.CreateDirectory(Folder, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditFaultException($"the audit log's directory {Folder} cannot be made: {e.Message}", cause: e);
        }

        RefuseIfExposed(Folder, "chmod 700");
    }

    /// <summary>One process at a time writes, and none while the end is read. Given back by the system however a process ends.</summary>
    /// <exception cref="IOException">Another held it for 10 s, or it cannot be made.</exception>
    internal async Task<IDisposable> LockAsync(TimeProvider clock, CancellationToken cancel)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return Open(LockFile, FileMode.OpenOrCreate, FileShare.None);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(since) < LockPatience && File.Exists(LockFile))
            {
                await Task.Delay(LockInterval, clock, cancel);
            }
        }
    }

    /// <summary>A file of mode 0600, not buffered.</summary>
    internal static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var open = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (mode != FileMode.Open)
        {
            open.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, open);
    }

    /// <summary>Whole or not at all, mode 0600.</summary>
    internal static void Replace(string path, ReadOnlySpan<byte> content, bool flush)
    {
        var draft = path + ".new";
        File.Delete(draft);
        using (var file = Open(draft, FileMode.CreateNew, FileShare.None))
        {
            file.Write(content);
            file.Flush(flush);
        }

        File.Move(draft, path, overwrite: true);
    }

    /// <exception cref="AuditFaultException">Others may read or enter it.</exception>
    internal static void RefuseIfExposed(string path, string cure)
    {
        if ((File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new AuditFaultException($"others may reach {path}, which keeps secrets: run {cure} {path}");
        }
    }
}
