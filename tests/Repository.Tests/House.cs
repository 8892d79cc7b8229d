namespace Passthrough.Repository.Tests;

/// <summary>How a rule of the house is told to have been broken: every fault at once, each a line with its place.</summary>
internal static class House
{
    public static void Holds(IEnumerable<string> faults)
    {
        var lines = faults.ToList();
        Assert.True(lines.Count == 0, Environment.NewLine + string.Join(Environment.NewLine, lines));
    }
}
