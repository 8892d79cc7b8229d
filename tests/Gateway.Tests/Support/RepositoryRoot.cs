namespace Passthrough.Gateway.Tests.Support;

/// <summary>Where the repository is, as seen from the tests' own program.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Cluster.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No Cluster.sln above {AppContext.BaseDirectory}");
        }

        return folder.FullName;
    }
}
