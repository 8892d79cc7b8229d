using Passthrough.Lab.Tests.Directories;

namespace Passthrough.Lab.Tests.Installations;

/// <summary>The lab's forest as the configuration of an agent has it.</summary>
internal static class LabForests
{
    /// <summary>The <c>Forests</c> part, to be serialized; the service account's password is written to a file.</summary>
    public static object[] WithPasswordIn(string file)
    {
        File.WriteAllText(file, LabPeople.Of("corp.example", "svc-ldap").Password);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return
        [
            new
            {
                Name = "corp.example",
                NetBiosName = "CORP",
                Suffixes = new[] { "contoso.com" },
                ServiceAccount = "svc-ldap@corp.example",
                ServiceAccountPasswordFile = file,
                TrustedCaFile = LabPeople.Variable("LAB_CA"),
            },
        ];
    }
}
