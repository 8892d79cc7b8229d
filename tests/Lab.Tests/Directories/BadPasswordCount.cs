using System.Globalization;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>What the domain controllers themselves say of wrong binds.</summary>
internal static class BadPasswordCount
{
    /// <summary>The sum over both controllers of corp.example: badPwdCount is not replicated, each has its own.</summary>
    public static async Task<int> OfAsync(string account)
    {
        var sum = 0;
        foreach (var controller in new[] { DirectoryLab.Dc1, DirectoryLab.Dc2 })
        {
            var service = LabPeople.Of("corp.example", "svc-ldap");
            var ldif = await ServiceProcess.RunAsync(
                new Dictionary<string, string> { ["LDAPTLS_CACERT"] = LabPeople.Variable("LAB_CA") },
                "ldapsearch", "-x", "-LLL", "-H", $"ldaps://{controller}", "-D", service.Name, "-w", service.Password,
                "-b", "DC=corp,DC=example", $"(sAMAccountName={account})", "badPwdCount");
            // Absent until the first one.
            var line = ldif.Split('\n').SingleOrDefault(each => each.StartsWith("badPwdCount: ", StringComparison.Ordinal));
            sum += line is null ? 0 : int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        }

        return sum;
    }
}
