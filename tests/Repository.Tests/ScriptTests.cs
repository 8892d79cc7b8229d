using System.Runtime.Versioning;

namespace Passthrough.Repository.Tests;

/// <summary>Scripts can be run, and are read by their interpreter without a complaint.</summary>
[SupportedOSPlatform("linux")]
public class ScriptTests
{
    /// <summary>Every tracked file that begins with <c>#!</c>.</summary>
    private static IEnumerable<(string Path, string Interpreter)> Scripts =>
        from path in Tree.Files
        where !path.EndsWith(".cs", StringComparison.Ordinal)
        let text = Tree.ReadText(path)
        where text?.StartsWith("#!", StringComparison.Ordinal) == true
        select (path, text.Split('\n')[0]);

    [Fact]
    public void A_script_is_executable() => House.Holds(
        from script in Scripts
        where !File.GetUnixFileMode(Tree.Absolute(script.Path)).HasFlag(UnixFileMode.UserExecute)
        select $"{script.Path} is not executable (git update-index --chmod=+x)");

    [Fact]
    public void What_is_executable_says_what_runs_it() => House.Holds(
        from path in Tree.Files.Except(Scripts.Select(s => s.Path))
        where File.GetUnixFileMode(Tree.Absolute(path)).HasFlag(UnixFileMode.UserExecute)
        select $"{path} is executable and does not begin with #!");

    [Fact]
    public void A_script_parses() => House.Holds(
        from script in Scripts
        let fault = Check(script.Path, script.Interpreter)
        where fault is not null
        select $"{script.Path}: {fault}");

    /// <summary>Without -e only where the script itself looks at how each part ended.</summary>
    [Fact]
    public void A_shell_script_overlooks_no_failure() => House.Holds(
        from script in Scripts
        where script.Interpreter.EndsWith("bash", StringComparison.Ordinal)
        let text = Tree.Read(script.Path)
        where !text.Contains("set -euo pipefail", StringComparison.Ordinal) && !text.Contains("set -uo pipefail", StringComparison.Ordinal)
        select $"{script.Path} has neither: set -euo pipefail, nor: set -uo pipefail");

    private static string? Check(string path, string interpreter)
    {
        var (program, arguments) = interpreter switch
        {
            _ when interpreter.EndsWith("bash", StringComparison.Ordinal) => ("bash", new[] { "-n", path }),
            _ when interpreter.EndsWith("/sh", StringComparison.Ordinal) => ("sh", ["-n", path]),
            _ when interpreter.EndsWith("python3", StringComparison.Ordinal) =>
                ("python3", ["-c", "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())", path]),
            _ => ("", []),
        };
        if (program.Length == 0)
        {
            return $"nobody has said how to check a script of {interpreter}";
        }

        var (code, _, errors) = Tree.TryRun(program, arguments);
        return code == 0 ? null : errors.Trim();
    }
}
