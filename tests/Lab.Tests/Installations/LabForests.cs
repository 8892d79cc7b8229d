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

    /// <summary>Changes an entry at one controller, as Administrator.</summary>
    /// <param name="controller">Its DNS name, right below its domain's.</param>
    /// <param name="change">As LDIF has it.</param>
    public static async Task ModifyAsync(string controller, string entry, string change)
    {
        var domain = controller[(controller.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"dn: {entry}\nchangetype: modify\n{change}\n");
        await ServiceProcess.RunAsync(
            new Dictionary<string, string> { ["LDAPTLS_CACERT"] = LabPeople.Variable("LAB_CA") },
            [
                "ldapmodify", "-H", $"ldaps://{controller}", "-x", "-D", $"Administrator@{domain}",
                "-w", LabPeople.Of(domain, "Administrator").Password, "-f", file,
            ]);
        File.Delete(file);
    }

    /// <summary>Adds or deletes UPN suffixes of corp.example at dc1, and has dc2 fetch the change: on a busy machine it may not
    /// fetch it by itself for minutes.</summary>
    /// <param name="option">Of <c>samba-tool domain trust namespaces</c>.</param>
    public static async Task ChangeSuffixesAsync(string option, params string[] suffixes)
    {
        await Fault.LabAsync(["enter", "dc1", "samba-tool", "domain", "trust", "namespaces", .. suffixes.Select(suffix => $"{option}={suffix}")]);
        await Fault.LabAsync(
            "enter", "dc2", "samba-tool", "drs", "replicate", "dc2", "dc1", "CN=Configuration,DC=corp,DC=example",
            "-U", $"Administrator%{LabPeople.Of("corp.example", "Administrator").Password}");
    }

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
