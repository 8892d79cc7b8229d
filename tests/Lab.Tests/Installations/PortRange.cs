using Passthrough.Lab.Tests.Directories;

namespace Passthrough.Lab.Tests.Installations;

/// <summary>Ten ports that no other process of tests on this lab uses, from the first use until this process ends.</summary>
internal static class PortRange
{
    private const int First = 20_000, Size = 10, Ranges = 100;

    // Kept open: the lock is the process's own and ends with it, however it ends.
    private static readonly FileStream Claim = Enumerable.Range(0, Ranges).Select(TryClaim).OfType<FileStream>().First();

    public static int Mine { get; } = First + (int.Parse(Path.GetFileName(Claim.Name), null) * Size);

    private static FileStream? TryClaim(int range)
    {
        var folder = Directory.CreateDirectory(Path.Combine(LabPeople.Variable("LAB_STATE"), "ports"));
        try
        {
            return new FileStream(Path.Combine(folder.FullName, $"{range}"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
