using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Passthrough.Repository.Tests;

/// <summary>Where packages come from is the machine's business: the repository names no source. What must not be named is
/// read from this machine's own configuration.</summary>
public partial class PackageSourceTests
{
    [Fact]
    public void The_package_configuration_names_no_source()
    {
        var configurations = Tree.Files.Where(f => Path.GetFileName(f).Equals("nuget.config", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["NuGet.config"], configurations);
        Assert.Empty(XDocument.Parse(Tree.Read("NuGet.config")).Root!.Elements());
    }

    [Fact]
    public void No_file_names_a_host_that_serves_packages()
    {
        var hosts = Hosts().ToHashSet(StringComparer.OrdinalIgnoreCase);
        House.Holds(
            from path in Tree.Files
            let text = Tree.ReadText(path)
            where text is not null
            from host in hosts
            where text.Contains(host, StringComparison.OrdinalIgnoreCase)
            select $"{path} names {host}");
    }

    /// <summary>The hosts that this machine takes packages from: of its .NET, Debian and npm configuration, as far as it has
    /// them. A machine's own address is no registry's name.</summary>
    private static IEnumerable<string> Hosts()
    {
        var told = new List<string> { Tree.Run("dotnet", "nuget", "list", "source", "--format", "short") };
        told.AddRange(
            from folder in (string[])["/etc/apt", "/etc/apt/sources.list.d"]
            where Directory.Exists(folder)
            from file in Directory.EnumerateFiles(folder)
            where file.EndsWith(".list", StringComparison.Ordinal) || file.EndsWith(".sources", StringComparison.Ordinal)
            select File.ReadAllText(file));
        if (Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "npm"))))
        {
            told.Add(Tree.Run("npm", "config", "get", "registry"));
        }

        return from Match address in Address().Matches(string.Join('\n', told))
               let host = new Uri(address.Value).Host
               where host.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(host, out _)
               select host;
    }

    [GeneratedRegex(@"https?://[^\s""'\]]+")]
    private static partial Regex Address();
}
