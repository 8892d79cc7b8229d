namespace Passthrough.Benchmarks;

/// <summary>Where this clone lies: the programs under test are taken from their build folders, so that they run as they
/// would be installed.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The build folder of a project, of the configuration that this program was built with.</summary>
    public static string BuildOutput(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(Root, "src", project, "bin", own.Parent!.Name, own.Name);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cluster.sln"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException($"no Cluster.sln above {AppContext.BaseDirectory}");
    }
}
