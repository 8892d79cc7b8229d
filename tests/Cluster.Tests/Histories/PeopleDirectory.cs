using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Passthrough.Decisions.Lockout;
using Passthrough.Lab.Tests.Installations;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>A real slapd with made-up people, reached by a socket in its own directory. Names, objectGUIDs and passwords follow from their
/// numbers.</summary>
internal sealed class PeopleDirectory : IAsyncDisposable
{
    public const string Forest = "corp.example", ServiceAccount = "CN=svc,OU=People,DC=corp,DC=example", ServicePassword = "Service-Passw0rd-1";

    private const string Folder = "OU=People,DC=corp,DC=example";
    private static readonly Dictionary<string, string> NoMore = [];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-people-");
    private ServiceProcess? _slapd;

    public EndPoint Socket => new UnixDomainSocketEndPoint(PathOf("ldapi"));

    public static async Task<PeopleDirectory> StartAsync(int people)
    {
        var directory = new PeopleDirectory();
        Directory.CreateDirectory(directory.PathOf("data"));
        await File.WriteAllTextAsync(directory.PathOf("slapd.conf"), directory.Configuration());
        await File.WriteAllTextAsync(directory.PathOf("people.ldif"), Ldif(people));
        await ServiceProcess.RunAsync(
            NoMore, "/usr/sbin/slapadd", "-q", "-f", directory.PathOf("slapd.conf"), "-l", directory.PathOf("people.ldif"));
        await directory.StartAsync();
        return directory;
    }

    public static string NameOf(int person) => string.Create(CultureInfo.InvariantCulture, $"u{person:D5}@{Forest}");

    /// <summary>The same person, as older programs write it.</summary>
    public static string OldNameOf(int person) => string.Create(CultureInfo.InvariantCulture, $"CORP\\u{person:D5}");

    public static string BindNameOf(int person) => $"CN={NameOf(person).Split('@')[0]},{Folder}";

    public static string PasswordOf(int person) => string.Create(CultureInfo.InvariantCulture, $"Right-{person:D5}");

    public static AccountKey KeyOf(int person) => new(Forest, GuidOf(person));

    /// <summary>Null: nobody of these.</summary>
    public static int? PersonOf(AccountKey account) =>
        account.ObjectGuid.ToByteArray(bigEndian: true)[..4] is var number && GuidOf(Number(number)) == account.ObjectGuid ? Number(number) : null;

    /// <summary>By the name that a bind is sent with; null: nobody of these.</summary>
    public static int? PersonOf(string bindName) =>
        bindName.StartsWith("CN=u", StringComparison.OrdinalIgnoreCase) ? int.Parse(bindName.AsSpan(4, 5), CultureInfo.InvariantCulture) : null;

    public async Task StartAsync()
    {
        // -d 0 keeps it in the foreground and silent.
        _slapd = ServiceProcess.Start(
            PathOf("slapd.log"), NoMore, "/usr/sbin/slapd", "-d", "0", "-f", PathOf("slapd.conf"), "-h", $"ldapi://{Uri.EscapeDataString(PathOf("ldapi"))}");
        await Eventually.TrueAsync("slapd answers", TimeSpan.FromSeconds(30), async () =>
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(Socket);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
    }

    public Task KillAsync() => _slapd!.KillAsync();

    public Task PauseAsync() => ServiceProcess.RunAsync(NoMore, "kill", "-STOP", $"{_slapd!.Id}");

    public Task GoOnAsync() => ServiceProcess.RunAsync(NoMore, "kill", "-CONT", $"{_slapd!.Id}");

    public async ValueTask DisposeAsync()
    {
        if (_slapd is not null)
        {
            await _slapd.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Of version 4, as directories make them.</summary>
    private static Guid GuidOf(int person) => Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"{person:x8}-0000-4000-8000-000000000000"));

    private static int Number(byte[] bytes) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static string Ldif(int people)
    {
        var ldif = new StringBuilder(
            "dn: DC=corp,DC=example\nobjectClass: dcObject\nobjectClass: organization\no: corp\ndc: corp\n\n"
            + $"dn: {Folder}\nobjectClass: organizationalUnit\nou: People\n\n");
        Write("svc", $"svc@{Forest}", Guid.NewGuid(), ServicePassword);
        for (var person = 0; person < people; person++)
        {
            Write(NameOf(person).Split('@')[0], NameOf(person), GuidOf(person), PasswordOf(person));
        }

        return ldif.ToString();

        void Write(string account, string name, Guid guid, string password) => ldif.Append(
            $"dn: CN={account},{Folder}\nobjectClass: user\ncn: {account}\nsAMAccountName: {account}\nuserPrincipalName: {name}\n"
            + $"sAMAccountType: 805306368\nobjectGUID:: {Convert.ToBase64String(guid.ToByteArray())}\nuserPassword: {Hashed(password)}\n\n");
    }

    /// <summary>OpenLDAP's {SSHA}: as quick as can be, since many are hashed. Not a scheme to keep real passwords in.</summary>
    private static string Hashed(string password)
    {
#pragma warning disable CA5350 // That it is fast is why it is here.
        return "{SSHA}" + Convert.ToBase64String([.. SHA1.HashData([.. Encoding.UTF8.GetBytes(password), .. "salt"u8]), .. "salt"u8]);
#pragma warning restore CA5350
    }

    private string Configuration() =>
        $"""
        include /etc/ldap/schema/core.schema
        include {Path.Combine(AppContext.BaseDirectory, "Slapd", "active-directory.schema")}
        modulepath /usr/lib/ldap
        moduleload back_mdb
        pidfile {PathOf("slapd.pid")}
        argsfile {PathOf("slapd.args")}
        loglevel none
        database mdb
        suffix "DC=corp,DC=example"
        directory {PathOf("data")}
        maxsize 268435456
        dbnosync
        index objectClass,sAMAccountName,userPrincipalName,objectGUID eq
        access to attrs=userPassword by anonymous auth by * none
        access to * by users read by * none

        """;
}
