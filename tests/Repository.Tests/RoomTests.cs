using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Passthrough.Repository.Tests;

/// <summary>Where things live: a capability has one name, used as a folder's name wherever a part of it lives.</summary>
public class RoomTests
{
    /// <summary>The rooms of the three projects that share capabilities. A new one is added here on purpose.</summary>
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Decisions"] =
        [
            "Attempts", "Audit", "BannedPasswords", "ConditionalAccess", "Dashboard", "ForestHealth", "Instances", "Lockout", "Monitoring", "Operator",
            "Peers", "Renewal", "Rollout", "Routing", "TenantPage",
        ],
        ["Agent"] = ["Attempts", "Connector", "Dashboard", "Enrolment", "Forests", "Hosting", "Lockout", "Monitoring", "Operator", "Peers"],
        ["Gateway"] =
            ["Access", "Admin", "Agents", "Hosting", "Instances", "Mfa", "Monitoring", "Oidc", "SeamlessSso", "SelfService", "SignIn", "Storage",
                "TenantPage"],
    };

    /// <summary>Folders of tests that belong to no one room: helpers, and a real server that is tried against.</summary>
    private static readonly string[] TestsOnly = ["Support", "Slapd"];

    [Fact]
    public void Folders_are_rooms_of_the_plan() => House.Holds(
        from project in Rooms.Keys
        from folder in Folders($"src/{project}", ".cs").Except(Rooms[project])
        select $"src/{project}/{folder} is not a room of the plan: use an existing name, or add it to {nameof(RoomTests)}");

    [Fact]
    public void Tests_have_the_folders_of_what_they_test() => House.Holds(
        from project in (string[])[.. Rooms.Keys, "Wire", "Directories", "OperatorConsole"]
        from folder in Folders($"tests/{project}.Tests", ".cs")
        where !TestsOnly.Contains(folder) && !Tree.HasFolder($"src/{project}/{folder}")
        select $"tests/{project}.Tests/{folder} has no src/{project}/{folder}");

    [Fact]
    public void A_namespace_says_where_the_file_is() => House.Holds(
        from source in Sources.All
        from declared in source.Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
        let folder = Path.GetDirectoryName(source.Path)!.Replace('\\', '/')["src/".Length..]
        let expected = "Passthrough." + folder.Replace('/', '.')
        where declared.Name.ToString() != expected
        select $"{source.At(declared)}: namespace {declared.Name}, expected {expected}");

    [Fact]
    public void The_top_of_the_repository_holds_what_belongs_there()
    {
        string[] files =
        [
            ".editorconfig", ".gitattributes", ".gitignore", "BannedSymbols.txt", "CHANGELOG.md", "Cluster.sln",
            "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "LICENSE", "NuGet.config",
            "README.md", "global.json",
        ];
        string[] folders = [".ci", "docs", "hocon", "ops", "src", "tests"];
        var present = Tree.Files.Select(f => f.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        House.Holds([
            .. files.Concat(folders).Except(present).Select(name => $"{name} is missing"),
            .. present.Except(files).Except(folders).Select(name => $"{name} does not belong at the top")]);
    }

    [Fact]
    public void The_licence_is_Apache_2()
    {
        var text = Tree.Read("LICENSE");
        Assert.Contains("Apache License", text, StringComparison.Ordinal);
        Assert.Contains("Version 2.0, January 2004", text, StringComparison.Ordinal);
        Assert.Contains("9. Accepting Warranty or Additional Liability.", text, StringComparison.Ordinal);
        Assert.Contains("END OF TERMS AND CONDITIONS", text, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Folders(string project, string extension) =>
        Tree.Under(project, extension)
            .Select(f => f[(project.Length + 1)..].Split('/'))
            .Where(parts => parts.Length > 1)
            .Select(parts => parts[0])
            .Distinct();
}
