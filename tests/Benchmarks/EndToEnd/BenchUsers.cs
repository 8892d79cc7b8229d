using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Benchmarks.EndToEnd;

/// <summary>The people of the benchmark's directory. Names and passwords follow from the number, so that a driver
/// needs no table of them.</summary>
internal sealed class BenchUsers(int count)
{
    public const string Domain = "corp.example";
    public const string NamingContext = "DC=corp,DC=example";
    public const string PeopleFolder = "OU=People," + NamingContext;
    public const string ServiceAccountDn = "CN=svc-passthrough," + PeopleFolder;
    public const string ServiceAccountUpn = "svc-passthrough@" + Domain;
    public const string ServiceAccountPassword = "service account of one benchmark run";

    /// <summary>sAMAccountType of a person's account (MS-SAMR 2.2.1.9): not a computer, a group or a trust.</summary>
    public const string NormalUserAccount = "805306368";

    public int Count { get; } = count;

    public static string Upn(int user) => string.Create(CultureInfo.InvariantCulture, $"user{user:D5}@{Domain}");

    public static string Password(int user) => string.Create(CultureInfo.InvariantCulture, $"Correct horse {user:D5}");

    /// <summary>LDIF (RFC 2849) of the naming context, the service account and all users, for slapadd.</summary>
    public void WriteLdif(TextWriter writer)
    {
        writer.Write($"dn: {NamingContext}\nobjectClass: dcObject\nobjectClass: organization\no: corp\ndc: corp\n\n");
        writer.Write($"dn: {PeopleFolder}\nobjectClass: organizationalUnit\nou: People\n\n");
        WriteUser(writer, "svc-passthrough", ServiceAccountUpn, ServiceAccountPassword);
        for (var user = 0; user < Count; user++)
            WriteUser(writer, Upn(user).Split('@')[0], Upn(user), Password(user));
    }

    private static void WriteUser(TextWriter writer, string account, string upn, string password)
    {
        writer.Write($"dn: CN={account},{PeopleFolder}\nobjectClass: user\ncn: {account}\nsAMAccountName: {account}\n");
        writer.Write($"userPrincipalName: {upn}\nsAMAccountType: {NormalUserAccount}\n");
        writer.Write($"objectGUID:: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}\n");
        writer.Write($"userPassword: {SaltedSha1(password)}\n\n");
    }

    /// <summary>OpenLDAP's {SSHA}. Chosen because checking it costs about a microsecond: this benchmark is about the way
    /// to the directory, not about the directory's hashing. Not a scheme to keep real passwords in.</summary>
    private static string SaltedSha1(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(8);
#pragma warning disable CA5350 // That it is fast is why it is here.
        return "{SSHA}" + Convert.ToBase64String([.. SHA1.HashData([.. Encoding.UTF8.GetBytes(password), .. salt]), .. salt]);
#pragma warning restore CA5350
    }
}
