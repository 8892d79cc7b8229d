using System.Diagnostics;

namespace Passthrough.Agent.Tests.Support;

/// <summary>A file system of some megabytes that can be full.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <param name="megabytes">As it comes, enough for a SQLite journal, whose write-ahead log takes four.</param>
    public static async Task<SmallDisk> MountAsync(string path, int megabytes = 12)
    {
        Directory.CreateDirectory(path);
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path);
        return new SmallDisk(path);
    }

    /// <summary>Again and again, if what is on it makes room.</summary>
    public async Task FillAsync()
    {
        await using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[65_536];
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
            {
                await ballast.WriteAsync(page);
            }
        });
    }

    public Task EmptyAsync()
    {
        File.Delete(Ballast);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", Path);

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {error}");
    }
}
