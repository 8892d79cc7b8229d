namespace Passthrough.Benchmarks.Processes;

/// <summary>A folder for one run, readable by its owner only, that goes away with the run.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("passthrough-bench-").FullName;

    public string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public string CreateFolder(string name) => Directory.CreateDirectory(Combine(name)).FullName;

    /// <summary>Writes a file that only its owner reads: these files hold passwords and keys of the run.</summary>
    public string WriteFile(string name, string content)
    {
        var path = Combine(name);
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var writer = new StreamWriter(path, options);
        writer.Write(content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
