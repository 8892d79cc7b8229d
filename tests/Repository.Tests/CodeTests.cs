using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Passthrough.Repository.Tests;

/// <summary>What the compiler cannot be told to refuse.</summary>
public class CodeTests
{
    /// <summary>A case of a closed set is said by the set.</summary>
    [Fact]
    public void Every_public_type_of_Decisions_says_what_it_is() => House.Holds(
        from source in Sources.All
        where source.Project == "Decisions"
        from type in source.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        where type.Parent is not BaseTypeDeclarationSyntax && type.Modifiers.Any(SyntaxKind.PublicKeyword) && !HasSummary(type)
        select $"{source.At(type)}: {type.Identifier.Text} has no doc comment");

    [Fact]
    public void The_banned_symbols_are_there_and_an_error() => House.Holds(
        from rule in (string[][])
        [
            ["BannedSymbols.txt", "P:System.DateTime.Now;", "P:System.DateTime.UtcNow;", "P:System.DateTimeOffset.Now;",
                "P:System.DateTimeOffset.UtcNow;", "M:System.Threading.Thread.Sleep(System.Int32);"],
            ["src/Decisions/BannedSymbols.Decisions.txt", "T:System.TimeProvider;", "T:System.Diagnostics.Stopwatch;",
                "P:System.Random.Shared;", "T:System.Security.Cryptography.RandomNumberGenerator;", "M:System.Guid.NewGuid;",
                "M:System.Threading.Tasks.Task.Delay(System.TimeSpan);", "T:System.IO.File;"],
            ["Directory.Build.props", "BannedSymbols.txt", "BannedSymbols.*.txt", "Microsoft.CodeAnalysis.BannedApiAnalyzers",
                "<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", "<Nullable>enable</Nullable>"],
            [".editorconfig", "dotnet_diagnostic.RS0030.severity = error"],
        ]
        let text = Tree.Read(rule[0])
        from needed in rule[1..]
        where !text.Contains(needed, StringComparison.Ordinal)
        select $"{rule[0]} lacks {needed}");

    [Fact]
    public void No_rule_is_switched_off_in_a_project_or_without_a_reason() => House.Holds([
        .. from path in Tree.Files
           where path.EndsWith(".csproj", StringComparison.Ordinal)
           from switchName in (string[])["<Nullable>", "<TreatWarningsAsErrors>", "<WarningsNotAsErrors>", "<NoWarn>"]
           where path.StartsWith("src/", StringComparison.Ordinal) && Tree.Read(path).Contains(switchName, StringComparison.Ordinal)
           select $"{path} sets {switchName}; Directory.Build.props is the place",
        .. from source in Sources.All
           from pragma in source.Root.DescendantTrivia(descendIntoTrivia: false)
           where pragma.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia)
           let line = source.Root.GetText().Lines.GetLineFromPosition(pragma.SpanStart)
           where line.ToString().Contains("disable", StringComparison.Ordinal) && !line.ToString().Contains("//", StringComparison.Ordinal)
           select $"{source.Path}:{line.LineNumber + 1}: a warning is switched off and no comment on the line says why"]);

    [Fact]
    public void Nothing_is_left_for_later() => House.Holds(
        from source in Sources.All
        from line in source.Root.GetText().Lines
        let text = line.ToString()
        where LeftForLater.Any(word => text.Contains(word, StringComparison.Ordinal))
        select $"{source.Path}:{line.LineNumber + 1}: {text.Trim()}");

    private static readonly string[] LeftForLater = ["TODO", "FIXME", "HACK", "NotImplementedException"];

    private static bool HasSummary(SyntaxNode type) =>
        type.GetLeadingTrivia().Any(t => t.GetStructure() is DocumentationCommentTriviaSyntax comment
            && comment.ToString() is var text
            && (text.Contains("<summary>", StringComparison.Ordinal) || text.Contains("<inheritdoc", StringComparison.Ordinal)));
}
