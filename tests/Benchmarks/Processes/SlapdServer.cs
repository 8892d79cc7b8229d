using System.Globalization;
using Passthrough.Benchmarks.EndToEnd;

namespace Passthrough.Benchmarks.Processes;

/// <summary>OpenLDAP's slapd with the benchmark's users, LDAPS only, on a loopback port of its own.</summary>
internal sealed class SlapdServer : IAsyncDisposable
{
    private const string Slapd = "/usr/sbin/slapd";
    private const string Slapadd = "/usr/sbin/slapadd";
    private readonly ScratchFolder _scratch;
    private readonly string _serviceAccountPasswordFile;
    private readonly RunCertificates _certificates;

    private SlapdServer(
        ScratchFolder scratch, OwnedProcess process, int port, RunCertificates certificates, string serviceAccountPasswordFile)
    {
        (_scratch, Process, Port) = (scratch, process, port);
        (_certificates, _serviceAccountPasswordFile) = (certificates, serviceAccountPasswordFile);
    }

    public OwnedProcess Process { get; }

    public int Port { get; }

    /// <summary>For OpenLDAP's own client library, by address: given "localhost" it would ask for a certificate of this
    /// machine's name.</summary>
    public string Uri => $"ldaps://127.0.0.1:{Port}";

    public string CaFile => _certificates.CaFile;

    public string ServiceAccountPasswordFile => _serviceAccountPasswordFile;

    public static async Task<SlapdServer> StartAsync(
        ScratchFolder scratch, RunCertificates certificates, BenchUsers users, CancellationToken cancel)
    {
        if (!File.Exists(Slapd)) throw new BenchmarkFault("slapd is not installed: run ops/install-packages bench");
        var port = LoopbackPort.FreeTcp();
        var configuration = scratch.WriteFile("slapd.conf", Configuration(scratch, certificates));
        var ldif = scratch.Combine("users.ldif");
        await using (var writer = new StreamWriter(ldif)) users.WriteLdif(writer);
        await OwnedProcess.RunAsync(Slapadd, ["-q", "-n", "2", "-f", configuration, "-l", ldif], TimeSpan.FromSeconds(60), cancel);

        // -d 0 keeps it in the foreground and silent.
        var process = OwnedProcess.Start(
            "slapd", scratch.Combine("slapd.log"), Slapd, ["-f", configuration, "-h", $"ldaps://127.0.0.1:{port}", "-d", "0"]);
        var passwordFile = scratch.WriteFile("service-account-password", BenchUsers.ServiceAccountPassword);
        var server = new SlapdServer(scratch, process, port, certificates, passwordFile);
        try
        {
            await process.WaitUntilAsync(inTime => LoopbackPort.AcceptsAsync(port, inTime), TimeSpan.FromSeconds(20), cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Operations that this slapd has completed since it started, from its own counters.</summary>
    public async Task<DirectoryOperations> CountOperationsAsync(CancellationToken cancel)
    {
        var output = await OwnedProcess.RunAsync(
            "ldapsearch",
            ["-x", "-LLL", "-H", Uri, "-D", BenchUsers.ServiceAccountDn, "-y", _serviceAccountPasswordFile,
                "-b", "cn=Operations,cn=Monitor", "-s", "one", "monitorOpCompleted"],
            TimeSpan.FromSeconds(10), cancel,
            new Dictionary<string, string> { ["LDAPTLS_CACERT"] = CaFile, });
        return new DirectoryOperations(Completed("Bind"), Completed("Search"));

        long Completed(string operation)
        {
            var lines = output.Split('\n');
            var entry = Array.FindIndex(lines, line => line.StartsWith($"dn: cn={operation},", StringComparison.OrdinalIgnoreCase));
            if (entry < 0) throw new BenchmarkFault($"slapd's monitor has no counter of {operation}");
            return long.Parse(lines[entry + 1].Split(':')[1], CultureInfo.InvariantCulture);
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static string Configuration(ScratchFolder scratch, RunCertificates certificates) =>
        $"""
        include /etc/ldap/schema/core.schema
        include {Path.Combine(AppContext.BaseDirectory, "Slapd", "active-directory.schema")}
        modulepath /usr/lib/ldap
        moduleload back_mdb
        moduleload back_monitor
        pidfile {scratch.Combine("slapd.pid")}
        argsfile {scratch.Combine("slapd.args")}
        loglevel none
        TLSCACertificateFile {certificates.CaFile}
        TLSCertificateFile {certificates.CertificateFile}
        TLSCertificateKeyFile {certificates.KeyFile}

        database monitor
        access to * by dn.exact="{BenchUsers.ServiceAccountDn}" read by * none

        database mdb
        suffix "{BenchUsers.NamingContext}"
        directory {scratch.CreateFolder("slapd-data")}
        maxsize 268435456
        # The directory is read only here; losing it in a crash of the machine loses nothing.
        dbnosync
        # Not sAMAccountType: everybody has the same. Active Directory, too, goes by the index that leaves least.
        index objectClass,sAMAccountName,userPrincipalName,objectGUID eq
        access to attrs=userPassword by anonymous auth by * none
        access to * by users read by * none

        """;
}
