using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Passthrough.Repository.Tests;

/// <summary>The production code, parsed once. What tools write (migrations) is not held to the house's style.</summary>
internal static class Sources
{
    private static readonly Lazy<IReadOnlyList<Source>> Parsed = new(() => [.. Paths.Select(Parse)]);

    public static IReadOnlyList<Source> All => Parsed.Value;

    private static IEnumerable<string> Paths =>
        Tree.Under("src", ".cs").Where(path => !path.Contains("/Migrations/", StringComparison.Ordinal));

    private static Source Parse(string path)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.Parse);
        var tree = CSharpSyntaxTree.ParseText(Tree.Read(path), options, path);
        return new Source(path, path.Split('/')[1], tree.GetRoot());
    }
}

/// <param name="Path">Relative to the root of the repository.</param>
/// <param name="Project">The project's name, which is its folder's.</param>
internal sealed record Source(string Path, string Project, SyntaxNode Root)
{
    public string At(SyntaxNode node) => $"{Path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
}
