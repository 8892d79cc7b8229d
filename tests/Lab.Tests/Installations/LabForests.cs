using Passthrough.Lab.Tests.Directories;

namespace Passthrough.Lab.Tests.Installations;

/// <summary>The lab's forests as the configuration of an agent has them.</summary>
internal static class LabForests
{
    /// <summary>The <c>Forests</c> part with corp.example, to be serialized; the service account's password is written to a
    /// file.</summary>
    public static object[] WithPasswordIn(string file) => [Forest("corp.example", "CORP", ["contoso.com"], file)];

    /// <summary>With both forests: what their names end in is for their directories to say.</summary>
    public static object[] Both(string file) =>
        [Forest("corp.example", "CORP", [], file), Forest("fabrikam.test", "FABRIKAM", [], file + ".fabrikam")];

    private static object Forest(string name, string netBiosName, string[] suffixes, string file)
    {
        File.WriteAllText(file, LabPeople.Of(name, "svc-ldap").Password);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new
        {
            Name = name,
            NetBiosName = netBiosName,
            Suffixes = suffixes,
            ServiceAccount = $"svc-ldap@{name}",
            ServiceAccountPasswordFile = file,
            TrustedCaFile = LabPeople.Variable("LAB_CA"),
        };
    }
}
