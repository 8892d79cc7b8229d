using System.Runtime.InteropServices;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Enrolment;

/// <summary>Files that only the agent's own user may read: written whole or not at all, also when the power goes.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersAny =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes the directory with mode 0700 if it is missing.</summary>
    /// <exception cref="StartFaultException">It cannot be made, or others may enter it.</exception>
    public static void EnsureDirectory(string path)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFaultException(FaultKind.StateNotWritable, $"the directory {path} cannot be made: {e.Message}", e);
        }

        if (Exposed(path))
        {
            throw new StartFaultException(
                FaultKind.KeyFileExposed, $"others may enter {path}, which must be the agent's alone: run chmod 700 {path}");
        }
    }

    public static bool Exposed(string path) => (File.GetUnixFileMode(path) & OthersAny) != 0;

    /// <summary>Replaces the file: written beside it with mode 0600 from its first byte, flushed to the disk, renamed over it,
    /// and the rename flushed too.</summary>
    public static void Replace(string path, byte[] content)
    {
        var draft = path + ".new";
        File.Delete(draft);
        using (var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
            BufferSize = 0,
        }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The framework opens no directories, so the rename is made durable by the system's own calls.</summary>
    private static void FlushDirectory(string path)
    {
        var descriptor = Open(path, flags: 0);
        if (descriptor < 0 || Sync(descriptor) != 0)
        {
            var error = Marshal.GetLastPInvokeErrorMessage();
            _ = descriptor >= 0 ? Close(descriptor) : 0;
            throw new IOException($"{path} cannot be flushed to the disk: {error}");
        }

        _ = Close(descriptor);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
