namespace Passthrough.Wire.Tests.Support;

/// <summary>docs/WIRE.md, read by its headings.</summary>
internal static class WirePage
{
    public static string Root { get; } = FindRoot();

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Root, "docs", "WIRE.md"));

    /// <summary>The lines below a heading, up to the next one of any level.</summary>
    public static IReadOnlyList<string> Section(string heading)
    {
        var start = Array.FindIndex(Lines, line => line.StartsWith('#') && line.TrimStart('#').Trim() == heading);
        Assert.True(start >= 0, $"docs/WIRE.md has no heading: {heading}");
        return Lines.Skip(start + 1).TakeWhile(line => !IsHeading(line)).ToList();
    }

    /// <summary>The rows of the first table below a heading, without its head; cells without their backquotes.</summary>
    public static IReadOnlyList<string[]> Table(string heading) =>
        Section(heading)
            .SkipWhile(line => !line.StartsWith('|'))
            .TakeWhile(line => line.StartsWith('|'))
            .Skip(2)
            .Select(row => row.Trim('|').Split('|').Select(cell => cell.Trim().Replace("`", "", StringComparison.Ordinal)).ToArray())
            .ToList();

    /// <summary>The fenced texts below a heading.</summary>
    public static IReadOnlyList<string> Fenced(string heading)
    {
        var texts = new List<string>();
        List<string>? open = null;
        foreach (var line in Section(heading))
        {
            if (!line.StartsWith("```", StringComparison.Ordinal))
            {
                open?.Add(line);
            }
            else if (open is null)
            {
                open = [];
            }
            else
            {
                texts.Add(string.Join('\n', open) + "\n");
                open = null;
            }
        }

        return texts;
    }

    private static bool IsHeading(string line) => line.StartsWith('#') && line.TrimStart('#').StartsWith(' ');

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Cluster.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("These tests run inside the repository.");
        }

        return folder.FullName;
    }
}
