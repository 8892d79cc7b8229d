using System.Text.RegularExpressions;

namespace Passthrough.Repository.Tests;

/// <summary>Pages name only what exists.</summary>
public partial class DocTests
{
    private static IEnumerable<(string Path, int Number, string Text)> Lines =>
        from path in Tree.Files
        where path.EndsWith(".md", StringComparison.Ordinal)
        from line in Tree.Read(path).Split('\n').Select((text, i) => (path, i + 1, text))
        select line;

    [Fact]
    public void Links_lead_somewhere() => House.Holds(
        from line in Lines
        from Match link in Link().Matches(line.Text)
        let target = link.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
        let fault = FaultOf(line.Path, target)
        where fault is not null
        select $"{line.Path}:{line.Number}: {target}: {fault}");

    [Fact]
    public void Files_that_are_named_exist() => House.Holds(
        from line in Lines
        from Match named in NamedFile().Matches(line.Text)
        let path = named.Value.TrimEnd('.', ',', ':', '/')
        where !Exists(path)
        select $"{line.Path}:{line.Number}: {path} does not exist");

    [Fact]
    public void The_readme_shows_a_picture_that_is_small() => House.Holds(
        from path in Tree.Files
        where path.EndsWith(".png", StringComparison.Ordinal) && new FileInfo(Tree.Absolute(path)).Length > 200 * 1024
        select $"{path} is larger than 200 KB");

    /// <summary>A name may end in a pattern (<c>hocon/*.conf</c>) or be a folder.</summary>
    private static bool Exists(string path)
    {
        var star = path.IndexOfAny(['*', '{', '<']);
        return star >= 0
            ? Tree.Files.Any(f => f.StartsWith(path[..star], StringComparison.Ordinal))
            : Tree.Files.Contains(path) || Tree.HasFolder(path);
    }

    private static string? FaultOf(string page, string target)
    {
        var (path, anchor) = target.Split('#') is [var p, var a] ? (p, a) : (target, "");
        var file = path.Length == 0
            ? page
            : Path.GetRelativePath(Tree.Root, Path.Combine(Path.GetDirectoryName(Tree.Absolute(page))!, path)).Replace('\\', '/');
        if (!Tree.Files.Contains(file) && !Tree.HasFolder(file))
        {
            return "no such file";
        }

        return anchor.Length == 0 || Headings(file).Contains(anchor) ? null : "no such heading";
    }

    private static IEnumerable<string> Headings(string page) =>
        Tree.Read(page).Split('\n')
            .Where(line => line.StartsWith('#'))
            .Select(line => NotInAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\w./~\-])(src|tests|docs|hocon|ops|\.ci)/[\w./*{<\-]+")]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
