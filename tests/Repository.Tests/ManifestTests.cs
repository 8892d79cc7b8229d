using System.Text.RegularExpressions;

namespace Passthrough.Repository.Tests;

/// <summary>What the files for containers name of this project is there. Whether they are well formed, tests/Repository.Tests/manifests/check
/// asks of schemas by other people.</summary>
public partial class ManifestTests
{
    private static IEnumerable<string> Files => Tree.Files.Where(path =>
        path.StartsWith("ops/compose/", StringComparison.Ordinal) || path.StartsWith("ops/kubernetes/", StringComparison.Ordinal));

    [Fact]
    public void Options_that_they_set_exist() => House.Holds(
        from path in Files
        from Match set in Option().Matches(Tree.Read(path))
        let page = Tree.Read(set.Groups["program"].Value == "AGENT" ? "docs/CONFIGURATION.md" : "docs/GATEWAY.md")
        let key = Index().Replace(set.Groups["key"].Value, "[]").Replace("__", ".", StringComparison.Ordinal)
        where !page.Contains($"| `{key}` |", StringComparison.Ordinal)
        select $"{path}: {set.Value}: there is no option {key}");

    [Fact]
    public void Probes_ask_for_health() => House.Holds([
        .. from path in Files
           from Match probe in Probe().Matches(Tree.Read(path))
           where !probe.Value.EndsWith(probe.Value.StartsWith("readiness", StringComparison.Ordinal) ? "/health/ready" : "/health/live", StringComparison.Ordinal)
           select $"{path}: {probe.Value}",
        .. from endpoint in (string[])["/health/live", "/health/ready"]
           where !Sources.All.Any(source => source.Root.ToString().Contains($"\"{endpoint}\"", StringComparison.Ordinal))
           select $"nothing answers {endpoint}"]);

    [Fact]
    public void They_say_that_nobody_has_run_them() => House.Holds(
        from path in Files
        where !string.Join(' ', Tree.Read(path).Split('\n').TakeWhile(line => line.StartsWith('#')).Select(line => line.TrimStart('#', ' ')))
            .Contains("ot run by any test of this repository", StringComparison.Ordinal)
        select $"{path} does not say that no test runs it");

    [GeneratedRegex("PASSTHROUGH_(?<program>AGENT|GATEWAY)__(?<key>[A-Za-z0-9_]+)")]
    private static partial Regex Option();

    [GeneratedRegex("__[0-9]+")]
    private static partial Regex Index();

    [GeneratedRegex(@"(startup|liveness|readiness)Probe:\s+httpGet: \{ path: [^,\s]+")]
    private static partial Regex Probe();
}
