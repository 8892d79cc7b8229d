using System.Diagnostics;

namespace Passthrough.Repository.Tests;

/// <summary>The files of this repository as git knows them: tracked, or new and not ignored.</summary>
internal static class Tree
{
    private static readonly Lazy<IReadOnlyList<string>> AllFiles = new(List);

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to <see cref="Root"/>, with forward slashes.</summary>
    public static IReadOnlyList<string> Files => AllFiles.Value;

    public static IEnumerable<string> Under(string folder, string extension) =>
        Files.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal) && f.EndsWith(extension, StringComparison.Ordinal));

    public static string Read(string path) => File.ReadAllText(Absolute(path));

    public static string Absolute(string path) => Path.Combine(Root, path);

    public static bool HasFolder(string path) => Files.Any(f => f.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal));

    /// <summary>Null for a file that is not text (it holds a NUL, or is not UTF-8 in its first 8,000 bytes).</summary>
    public static string? ReadText(string path)
    {
        var bytes = File.ReadAllBytes(Absolute(path));
        return bytes.AsSpan(0, Math.Min(bytes.Length, 8000)).Contains((byte)0) ? null : System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Runs a program from the root and returns its output; a failure is told with what the program said.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (code, output, errors) = TryRun(program, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {errors}");
    }

    public static (int Code, string Output, string Errors) TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private static List<string> List() =>
        // A checkout may belong to another user than the one who runs the tests.
        [.. Run("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Where(f => File.Exists(Absolute(f)))
            .Order(StringComparer.Ordinal)];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cluster.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No Cluster.sln above {AppContext.BaseDirectory}");
    }
}
