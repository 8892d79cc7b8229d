using System.Diagnostics;

namespace Passthrough.Gateway.Hosting;

/// <summary>The directory for what must outlive the process, which only its owner may enter.</summary>
public sealed class StateDirectory
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(50);

    private StateDirectory(string root) => Root = root;

    public string Root { get; }

    /// <summary>Makes the directory if it is missing.</summary>
    /// <exception cref="StartFaultException">It cannot be made, or others than its owner may enter it.</exception>
    public static StateDirectory Open(string root)
    {
        try
        {
            Directory.CreateDirectory(root, Owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFaultException(FaultKind.StateNotWritable, $"the state directory {root} cannot be made: {e.Message}", e);
        }

        RefuseIfExposed(root, Owner, FaultKind.StateExposed, $"chmod 700 {root}");
        return new StateDirectory(root);
    }

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Reads a file that only its owner may read.</summary>
    /// <exception cref="StartFaultException">It cannot be read, or others may read it.</exception>
    public string ReadPrivate(string name)
    {
        var path = PathOf(name);
        RefuseIfExposed(path, OwnerReadWrite, FaultKind.KeyFileExposed, $"chmod 600 {path}");
        return File.ReadAllText(path);
    }

    /// <summary>Writes a file whole or not at all, readable by its owner only.</summary>
    /// <exception cref="StartFaultException">It cannot be written.</exception>
    public void WritePrivate(string name, string text)
    {
        var unfinished = PathOf(name + ".new");
        try
        {
            File.Delete(unfinished);
            var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerReadWrite };
            using (var file = new FileStream(unfinished, creation))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, PathOf(name), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFaultException(FaultKind.StateNotWritable, $"{PathOf(name)} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Waits until no other process of this machine holds the lock of this directory. It ends with the process at the
    /// latest.</summary>
    /// <exception cref="StartFaultException">Another process held it for a minute, or the directory cannot be written.</exception>
    public async Task<IDisposable> LockAsync(CancellationToken cancel)
    {
        var path = PathOf("lock");
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(LockInterval);
        while (true)
        {
            try
            {
                return new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = OwnerReadWrite,
                });
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(since) < LockPatience)
            {
                await timer.WaitForNextTickAsync(cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartFaultException(FaultKind.StateNotWritable, $"{path} cannot be locked: {e.Message}", e);
            }
        }
    }

    /// <summary>A file with a secret that stands elsewhere.</summary>
    /// <exception cref="StartFaultException">It is not there, or others may read it.</exception>
    public static void RefuseIfExposed(string path) => RefuseIfExposed(path, OwnerReadWrite, FaultKind.KeyFileExposed, $"chmod 600 {path}");

    private static void RefuseIfExposed(string path, UnixFileMode allowed, FaultKind kind, string cure)
    {
        UnixFileMode mode;
        try
        {
            mode = File.GetUnixFileMode(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFaultException(FaultKind.StateNotWritable, $"{path} cannot be read: {e.Message}", e);
        }

        if ((mode & ~allowed) != 0)
        {
            throw new StartFaultException(
                kind, $"{path} is open to others (mode {Convert.ToString((int)mode, 8)}) and keeps secrets: run {cure}");
        }
    }
}
