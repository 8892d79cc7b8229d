using System.Globalization;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>What the domain controllers themselves say of wrong binds.</summary>
internal static class BadPasswordCount
{
    /// <summary>As the lab's domains have it (users.tsv).</summary>
    private static readonly TimeSpan ObservationWindow = TimeSpan.FromMinutes(30);

    /// <summary>The sum over both controllers of corp.example: badPwdCount is not replicated, each has its own. What is older than the
    /// observation window is over, though it still stands there: the next wrong password makes it 1.</summary>
    public static async Task<int> OfAsync(string account)
    {
        var sum = 0;
        foreach (var controller in new[] { DirectoryLab.Dc1, DirectoryLab.Dc2 })
        {
            var service = LabPeople.Of("corp.example", "svc-ldap");
            var ldif = await ServiceProcess.RunAsync(
                new Dictionary<string, string> { ["LDAPTLS_CACERT"] = LabPeople.Variable("LAB_CA") },
                "ldapsearch", "-x", "-LLL", "-H", $"ldaps://{controller}", "-D", service.Name, "-w", service.Password,
                "-b", "DC=corp,DC=example", $"(sAMAccountName={account})", "badPwdCount", "badPasswordTime");
            var age = TimeProvider.System.GetUtcNow() - DateTimeOffset.FromFileTime(Value(ldif, "badPasswordTime"));
            sum += age < ObservationWindow ? (int)Value(ldif, "badPwdCount") : 0;
        }

        return sum;
    }

    /// <summary>Absent until the first one.</summary>
    private static long Value(string ldif, string attribute) =>
        ldif.Split('\n').SingleOrDefault(line => line.StartsWith($"{attribute}: ", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)
            : 0;
}
