using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Passthrough.Repository.Tests;

/// <summary>Files and functions that a reader can hold in the head. An exception is listed in size-exceptions.tsv with its
/// reason, and leaves the list when it is no longer one.</summary>
public class SizeTests
{
    private const int FileLines = 250;
    private const int FunctionLines = 50;
    private const string ExceptionsFile = "tests/Repository.Tests/size-exceptions.tsv";

    [Fact]
    public void Production_files_are_short() => House.Holds(Faults(
        FileLines,
        Sources.All.Select(s => (Name: s.Path, Place: s.Path, Lines: s.Root.GetText().Lines.Count))));

    [Fact]
    public void Functions_are_short() => House.Holds(Faults(
        FunctionLines,
        from source in Sources.All
        from function in Functions(source.Root)
        select (Name: $"{source.Path}#{NameOf(function)}", Place: source.At(function), Lines: LinesOf(function))));

    [Fact]
    public void Every_exception_is_still_one_and_gives_a_reason()
    {
        var longOnes = Sources.All.Where(s => s.Root.GetText().Lines.Count > FileLines).Select(s => s.Path)
            .Concat(from source in Sources.All
                    from function in Functions(source.Root)
                    where LinesOf(function) > FunctionLines
                    select $"{source.Path}#{NameOf(function)}")
            .ToHashSet(StringComparer.Ordinal);
        House.Holds([
            .. Exceptions.Where(e => !longOnes.Contains(e.Name)).Select(e => $"{ExceptionsFile}: {e.Name} is short or gone"),
            .. Exceptions.Where(e => e.Reason.Length < 20).Select(e => $"{ExceptionsFile}: {e.Name} has no reason")]);
    }

    private static IEnumerable<(string Name, int Limit, string Reason)> Exceptions =>
        Tree.Read(ExceptionsFile).Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(parts => (parts[0], int.Parse(parts[1], null), parts[2]));

    private static IEnumerable<string> Faults(int limit, IEnumerable<(string Name, string Place, int Lines)> measured)
    {
        var exceptions = Exceptions.ToDictionary(e => e.Name, e => e.Limit, StringComparer.Ordinal);
        return from one in measured
               let allowed = exceptions.GetValueOrDefault(one.Name, limit)
               where one.Lines > allowed
               select $"{one.Place}: {one.Lines} lines, allowed {allowed} (divide it, or list {one.Name} in {ExceptionsFile})";
    }

    private static IEnumerable<SyntaxNode> Functions(SyntaxNode root) =>
        root.DescendantNodesAndSelf().Where(n =>
            n is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
            || (n is CompilationUnitSyntax unit && unit.Members.Any(m => m is GlobalStatementSyntax)));

    /// <summary>From the signature to the closing brace: what comes before (comments, attributes) is not counted.</summary>
    private static int LinesOf(SyntaxNode function)
    {
        var first = function is CompilationUnitSyntax unit
            ? unit.Members.First(m => m is GlobalStatementSyntax)
            : function.ChildNodesAndTokens().First(c => !c.IsKind(SyntaxKind.AttributeList));
        var lines = function.SyntaxTree.GetLineSpan(TextSpan.FromBounds(first.SpanStart, function.Span.End));
        return lines.EndLinePosition.Line - lines.StartLinePosition.Line + 1;
    }

    private static string NameOf(SyntaxNode function) => function switch
    {
        MethodDeclarationSyntax m => m.Identifier.Text,
        ConstructorDeclarationSyntax c => c.Identifier.Text,
        LocalFunctionStatementSyntax l => l.Identifier.Text,
        AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax p } => p.Identifier.Text,
        CompilationUnitSyntax => "top-level",
        _ => function.Kind().ToString(),
    };
}

