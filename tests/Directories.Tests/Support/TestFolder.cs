namespace Passthrough.Directories.Tests.Support;

/// <summary>A folder for the files of one test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Root { get; } = System.IO.Directory.CreateTempSubdirectory("directories-tests").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string Write(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var file = this[name];
        File.WriteAllText(file, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }

        return file;
    }

    public void Dispose() => System.IO.Directory.Delete(Root, recursive: true);
}
