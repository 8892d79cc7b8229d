using System.Xml.Linq;

namespace Passthrough.Repository.Tests;

/// <summary>Which project may know which, and that none is forgotten.</summary>
public class ProjectTests
{
    /// <summary>The only arrows that are allowed.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Decisions"] = [],
        ["Wire"] = [],
        ["Directories"] = ["Decisions"],
        ["Audit"] = ["Decisions"],
        ["Dashboards"] = [],
        ["Agent"] = ["Decisions", "Wire", "Directories", "Audit", "Dashboards"],
        ["Gateway"] = ["Decisions", "Wire", "Audit", "Dashboards"],
        ["OperatorConsole"] = ["Wire"],
    };

    private static IEnumerable<string> Projects => Tree.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    [Fact]
    public void A_project_refers_only_to_those_it_may_know() => House.Holds(
        from path in Projects.Where(p => p.StartsWith("src/", StringComparison.Ordinal))
        let project = Path.GetFileNameWithoutExtension(path)
        let allowed = Allowed.GetValueOrDefault(project)
        from fault in allowed is null
            ? [$"{path}: a new project; say in {nameof(ProjectTests)} what it may refer to"]
            : References(path).Except(allowed).Select(other => $"{path}: {project} must not refer to {other}")
        select fault);

    [Fact]
    public void Decisions_uses_no_package() => House.Holds(
        XDocument.Parse(Tree.Read("src/Decisions/Decisions.csproj")).Descendants("PackageReference")
            .Select(p => $"Decisions refers to the package {p.Attribute("Include")?.Value}"));

    [Fact]
    public void Production_code_does_not_know_tests() => House.Holds(
        from path in Projects.Where(p => p.StartsWith("src/", StringComparison.Ordinal))
        from other in References(path)
        where !Allowed.ContainsKey(other)
        select $"{path} refers to {other}");

    /// <summary>A linked file is an arrow that no project file shows.</summary>
    [Fact]
    public void A_project_compiles_no_file_of_another() => House.Holds(
        from path in Projects.Where(p => p.StartsWith("src/", StringComparison.Ordinal))
        from file in XDocument.Parse(Tree.Read(path)).Descendants("Compile")
        let linked = file.Attribute("Include")?.Value ?? ""
        where linked.Contains("..", StringComparison.Ordinal) && !SharedFiles.Contains(Path.GetFileName(linked))
        select $"{path} compiles {linked}");

    /// <summary>What two programs need in the same form and no library is the home of.</summary>
    private static readonly string[] SharedFiles =
    [
        "ConfigurationShape.cs", "Judged.cs", "PolicyNumbers.cs", "MonitoringOptions.cs", "MonitoringServer.cs", "MonitoringLog.cs", "HealthReport.cs",
        "HealthQuestion.cs", "ServiceManager.cs", "Telemetry.cs", "Tracing.cs",
    ];

    [Fact]
    public void A_project_is_named_as_its_folder() => House.Holds(
        from path in Projects
        let parts = path.Split('/')
        where parts is not ["src" or "tests", var folder, var file] || folder + ".csproj" != file
        select $"{path}: expected src/NAME/NAME.csproj or tests/NAME/NAME.csproj");

    [Fact]
    public void The_solution_lists_every_project_and_nothing_else()
    {
        var listed = Tree.Read("Cluster.sln").Split('"')
            .Where(part => part.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(part => part.Replace('\\', '/'))
            .ToHashSet(StringComparer.Ordinal);
        House.Holds([
            .. Projects.Where(p => !listed.Contains(p)).Select(p => $"{p} is not in Cluster.sln"),
            .. listed.Except(Projects).Select(p => $"Cluster.sln lists {p}, which does not exist")]);
    }

    [Fact]
    public void Every_project_has_tests_beside_it() => House.Holds(
        from project in Allowed.Keys
        where !Tree.Files.Contains($"tests/{project}.Tests/{project}.Tests.csproj")
        select $"tests/{project}.Tests is missing");

    [Fact]
    public void Versions_of_packages_are_pinned_in_one_place() => House.Holds([
        .. from path in Projects
           from package in XDocument.Parse(Tree.Read(path)).Descendants("PackageReference")
           where package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null
           select $"{path} gives {package.Attribute("Include")?.Value} a version; Directory.Packages.props is the place",
        .. from pin in Pins
           where pin.Version.Replace("$(", "", StringComparison.Ordinal).AsSpan().IndexOfAny("*[(,") >= 0
           select $"Directory.Packages.props: {pin.Package} floats ({pin.Version})",
        .. from pin in Pins
           group pin by pin.Package into same
           where same.Count() > 1
           select $"Directory.Packages.props pins {same.Key} {same.Count()} times"]);

    private static IEnumerable<(string Package, string Version)> Pins =>
        XDocument.Parse(Tree.Read("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => (p.Attribute("Include")!.Value, p.Attribute("Version")!.Value));

    private static IEnumerable<string> References(string project) =>
        XDocument.Parse(Tree.Read(project)).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
}
