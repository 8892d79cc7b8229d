using System.Security.Cryptography;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Directories;

/// <summary>Reads the service account's password from its file, as bytes that are zeroed.</summary>
internal static class ServiceAccountPassword
{
    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <exception cref="DirectoryFaultException">Not readable, readable by others, or not a password.</exception>
    public static TypedPassword Read(string file)
    {
        // Room for one byte too many, so that too long is seen, and for a newline of two.
        var buffer = GC.AllocateArray<byte>(TypedPassword.MaxBytes + 3, pinned: true);
        try
        {
            var length = Fill(file, buffer);
            var content = buffer.AsSpan(0, length);
            content = content.EndsWith((byte)'\n') ? content[..^1] : content;
            content = content.EndsWith((byte)'\r') ? content[..^1] : content;
            var fault = TypedPassword.TryCreate(content, out var password);
            return password ?? throw new DirectoryFaultException(
                $"the password file {file} holds no usable password ({fault})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DirectoryFaultException($"the password file {file} cannot be read: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static int Fill(string file, byte[] buffer)
    {
        using var handle = File.OpenHandle(file);
        // Of the opened file: nobody can change it in between.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & ForOthers) != 0)
        {
            throw new DirectoryFaultException($"the password file {file} can be read or written by others: chmod 600 {file}");
        }

        var length = 0;
        int count;
        while (length < buffer.Length && (count = RandomAccess.Read(handle, buffer.AsSpan(length), length)) > 0)
        {
            length += count;
        }

        return length;
    }
}
