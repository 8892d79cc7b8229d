using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Passthrough.Directories.Ldap;
using Passthrough.Directories.Location;
using Passthrough.Directories.Tests.Support;

namespace Passthrough.Directories.Tests.Slapd;

/// <summary>A real OpenLDAP server of our own on the loopback interface, over TLS, with made-up people of corp.example.</summary>
public sealed class SlapdServer : IDisposable
{
    public const string Base = "DC=corp,DC=example";
    public const string ServiceAccount = "CN=svc,CN=Users," + Base;
    public const string ServicePassword = "Service-Passw0rd-1";
    public const string Administrator = "CN=admin," + Base;
    public const string AdministratorPassword = "Admin-Passw0rd-1";
    public const int People = 300;

    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority;
    private readonly bool _ownsAuthority;
    private readonly string _suffix;
    private Process? _process;

    public SlapdServer()
        : this(Base, People300())
    {
    }

    /// <param name="suffix">The distinguished name under which it has entries. The service account is known to all.</param>
    /// <param name="ldif">The entries.</param>
    internal SlapdServer(string suffix, string ldif, TestAuthority? authority = null)
    {
        (_suffix, _ownsAuthority, _authority) = (suffix, authority is null, authority ?? new TestAuthority("slapd test CA"));
        using var certificate = _authority.Issue("localhost 127.0.0.1");
        CaFile = _folder.Write("ca.pem", _authority.Pem);
        _folder.Write("server.pem", certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        _folder.Write("server.key", key.ExportPkcs8PrivateKeyPem());
        PasswordFile = _folder.Write("service.password", ServicePassword + "\n");
        System.IO.Directory.CreateDirectory(_folder["data"]);
        _folder.Write("slapd.conf", Configuration());
        Run("slapadd", "-f", _folder["slapd.conf"], "-l", _folder.Write("people.ldif", ldif));
        Start();
    }

    public string CaFile { get; }

    public string PasswordFile { get; }

    public int Port { get; private set; }

    public int ProcessId => _process!.Id;

    public static string PasswordOf(int person) => $"Päss-{person}";

    /// <summary>Options for a directory that asks this server.</summary>
    public ForestOptions Options()
    {
        var options = new ForestOptions
        {
            Name = "corp.example",
            NetBiosName = "CORP",
            ServiceAccount = ServiceAccount,
            ServiceAccountPasswordFile = PasswordFile,
            TrustedCaFile = CaFile,
            // A machine that runs tests may be very busy; what tests time-outs sets its own.
            ConnectTimeout = TimeSpan.FromSeconds(30),
            SearchTimeout = TimeSpan.FromSeconds(30),
            BindTimeout = TimeSpan.FromSeconds(30),
        };
        options.Suffixes.Add("contoso.com");
        options.DomainControllers.Add($"localhost:{Port}");
        return options;
    }

    /// <summary>A bare connection, not bound.</summary>
    internal Task<LdapConnection> ConnectAsync() =>
        new LdapConnector(TrustedAuthorities.Load(CaFile)).ConnectAsync(new DirectoryAddress("localhost", Port), Peer.Soon);

    /// <summary>What ldapsearch finds as administrator: the names of the entries.</summary>
    public IReadOnlyList<string> LdapSearch(string filter) =>
    [
        // By address: libldap takes "localhost" for the machine's own name.
        .. Run("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", $"ldaps://127.0.0.1:{Port}", "-D", Administrator,
                "-w", AdministratorPassword, "-b", Base, filter, "1.1")
            .Split('\n')
            .Where(line => line.StartsWith("dn:", StringComparison.Ordinal))
            .Select(line => line.StartsWith("dn:: ", StringComparison.Ordinal)
                ? Encoding.UTF8.GetString(Convert.FromBase64String(line[5..]))
                : line[4..])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Starts it on a port that is free, the same as before if there was one.</summary>
    public void Start()
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var port = Port != 0 ? Port : FreePort();
            var start = new ProcessStartInfo("/usr/sbin/slapd", ["-d", "0", "-f", _folder["slapd.conf"], "-h", $"ldaps://localhost:{port}/"]);
            _process = Process.Start(start)!;
            if (IsListening(port))
            {
                Port = port;
                return;
            }
        }

        throw new InvalidOperationException("slapd does not start");
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGSTOP: connections are still accepted, nothing answers.</summary>
    /// <summary>Comes back when every thread has stopped: the signal is under way for a moment, and threads that run meanwhile
    /// still answer.</summary>
    public void Freeze()
    {
        Run("kill", "-STOP", $"{ProcessId}");
        Assert.True(SpinWait.SpinUntil(() => Directory.GetDirectories($"/proc/{ProcessId}/task").All(HasStopped), TimeSpan.FromSeconds(10)));
    }

    public void Thaw() => Run("kill", "-CONT", $"{ProcessId}");

    public void Dispose()
    {
        Kill();
        _process!.Dispose();
        if (_ownsAuthority)
        {
            _authority.Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>The state is the field after the name, which stands in parentheses (proc(5)).</summary>
    private static bool HasStopped(string thread)
    {
        var status = File.ReadAllText(Path.Combine(thread, "stat"));
        return status[status.LastIndexOf(')') + 2] == 'T';
    }

    private bool IsListening(int port)
    {
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < TimeSpan.FromSeconds(30) && !_process!.HasExited)
        {
            try
            {
                using var probe = new TcpClient("localhost", port);
                return true;
            }
            catch (SocketException)
            {
                _process.WaitForExit(20);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LDAPTLS_CACERT"] = CaFile;
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/bin:/bin";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.Result}");
    }

    private string Configuration() => $"""
        include /etc/ldap/schema/core.schema
        include {Path.Combine(AppContext.BaseDirectory, "Slapd", "active-directory.schema")}
        modulepath /usr/lib/ldap
        moduleload back_mdb
        TLSCACertificateFile {CaFile}
        TLSCertificateFile {_folder["server.pem"]}
        TLSCertificateKeyFile {_folder["server.key"]}
        sizelimit 5000
        defaultsearchbase "{_suffix}"
        database mdb
        suffix "{_suffix}"
        rootdn "{Administrator}"
        {(_suffix == Base ? $"rootpw {AdministratorPassword}" : "")}
        directory {_folder["data"]}
        maxsize 104857600
        dbnosync
        index objectClass,userPrincipalName,sAMAccountName,mail,proxyAddresses eq
        access to attrs=userPassword by anonymous auth by self write by * none
        access to * by users read by * none
        {(_suffix == Base ? "" : ServiceAccountDatabase())}

        """;

    /// <summary>A controller of another domain knows the service account too.</summary>
    private string ServiceAccountDatabase()
    {
        System.IO.Directory.CreateDirectory(_folder["users"]);
        return $"""
            database mdb
            suffix "CN=Users,{Base}"
            rootdn "{ServiceAccount}"
            rootpw {ServicePassword}
            directory {_folder["users"]}
            """;
    }

    private static string People300()
    {
        var ldif = new StringBuilder($"dn: {Base}\nobjectClass: organization\nobjectClass: dcObject\no: corp\ndc: corp\n\ndn: CN=Users,{Base}\nobjectClass: user\n");
        ldif.Append(Attributes("Users", "users", 0, null, null));
        Add("svc", "svc", "svc@corp.example", ServicePassword);
        for (var person = 0; person < People; person++)
        {
            Add($"Person {person}", $"person{person}", $"person{person}@corp.example", PasswordOf(person), more: $"pwdLastSet: {person}\n");
        }

        Add("Nina Smith", "nina.s", "nina.smith@contoso.com", "right");
        Add("Olga", "olga", null, "right");
        Add("Twin One", "twin", null, "right");
        Add("Twin Two", "other", "twin@corp.example", "right");
        Add("Zoë, \"the\" + <Ünïcödé>; #1", "zoë", "zoë@corp.example", "right");
        Add("Star", "st*r", "st*r)(cn=*@corp.example", "right");
        Add("Mallory", "mallory", "mallory@corp.example", "right", more:
            "mail: m.alt@altmail.example\nproxyAddresses: SMTP:m.alt@altmail.example\nproxyAddresses: smtp:mal@corp.example\n"
            + "proxyAddresses: x500:/o=corp/cn=mallory@legacy.example\n");
        Add("Pool One", "pool1", null, "right", more: "mail: pool@altmail.example\n");
        Add("Pool Two", "pool2", null, "right", more: "proxyAddresses: smtp:pool@altmail.example\n");
        Add("Mimic", "mimic", null, "right", more: "mail: olga@corp.example\n");
        Add("A computer", "pc$", "pc@corp.example", "right", type: 805306369);
        return ldif.ToString();

        void Add(string name, string account, string? upn, string password, int type = 805306368, string more = "")
        {
            var dn = $"CN={Escape(name)},CN=Users,{Base}";
            ldif.Append($"dn:: {Base64(dn)}\nobjectClass: user\n{Attributes(name, account, type, upn, password, more)}");
        }
    }

    private static string Attributes(string name, string account, int type, string? upn, string? password, string more = "") =>
        $"cn:: {Base64(name)}\nsAMAccountName:: {Base64(account)}\nsAMAccountType: {type}\n"
        + $"objectGUID:: {Convert.ToBase64String(GuidOf(account).ToByteArray())}\n"
        + (upn is null ? "" : $"userPrincipalName:: {Base64(upn)}\n")
        + (password is null ? "" : $"userPassword:: {Base64(password)}\n") + more + "\n";

    /// <summary>The objectGUID of an account.</summary>
    public static Guid GuidOf(string account) => new(SHA256.HashData(Encoding.UTF8.GetBytes(account)).AsSpan(0, 16));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    // RFC 4514 2.4.
    private static string Escape(string name) =>
        string.Concat(name.Select(each => "\"+,;<>\\#".Contains(each, StringComparison.Ordinal) ? $"\\{each}" : $"{each}"));
}
