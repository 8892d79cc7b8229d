using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Passthrough.Agent.Tests.Support;

/// <summary>A PostgreSQL of the test's own, durable as it comes, reached by a socket in its own directory. Can be stopped,
/// frozen and started again, and its disk can be full, if it has one of its own. Gone with the test.</summary>
/// <param name="settings">Of its configuration, as <c>wal_level=logical</c>.</param>
internal sealed partial class PostgreSql(params string[] settings) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-pg-");
    private Process? _server;
    private string[] _frozen = [];
    private SmallDisk? _disk;
    private Task _filling = Task.CompletedTask;
    private CancellationTokenSource? _full;

    public string ConnectionString => ConnectionStringTo("postgres");

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    private static string Binaries =>
        Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).First() + "/bin";

    /// <summary>On loopback, if it was made with a certificate.</summary>
    public int Port { get; private init; }

    private string CertificateFile => Path.Combine(_folder.FullName, "server.crt");

    private string KeyFile => Path.Combine(_folder.FullName, "server.key");

    /// <summary>A socket's name has the port in it, whether it listens there or not.</summary>
    private string[] Listen => Port == 0
        ? ["-c", "listen_addresses="]
        : ["-c", "listen_addresses=127.0.0.1", "-c", $"port={Port}", "-c", "ssl=on", "-c", $"ssl_cert_file={CertificateFile}", "-c", $"ssl_key_file={KeyFile}"];

    private string Data => Path.Combine(_folder.FullName, "data");

    /// <param name="certificate">With it, it listens on loopback too, with TLS.</param>
    public static async Task<PostgreSql> MakeAsync(X509Certificate2? certificate = null, params string[] settings)
    {
        var server = new PostgreSql(settings) { Port = certificate is null ? 0 : Ports.Free() };
        if (certificate is not null)
        {
            await File.WriteAllTextAsync(server.CertificateFile, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(server.KeyFile, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            File.SetUnixFileMode(server.KeyFile, UnixFileMode.UserRead);
            await RunAsync("chown", "postgres", server.KeyFile);
        }

        await server.InitializeAsync();
        return server;
    }

    /// <summary>Tables and write-ahead log on a disk of their own. The log is in files of a megabyte and begins one every two seconds, if
    /// anything was written, so that it meets a full disk soon.</summary>
    public static async Task<PostgreSql> MakeOnSmallDiskAsync(params string[] settings)
    {
        var server = new PostgreSql([.. settings, "min_wal_size=2MB", "max_wal_size=16MB", "archive_timeout=2s"]);
        server._disk = await SmallDisk.MountAsync(server._folder.FullName, megabytes: 192);
        await server.InitializeAsync("--wal-segsize=1");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_frozen.Length > 0)
        {
            await ThawAsync();
        }

        await StopFillingAsync();
        await CrashAsync();
        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    public async Task StartAsync()
    {
        Starts++;

        // Nobody reads what it logs, and a full pipe would stop it.
        _server = Launch(
            [.. AsPostgres, "sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh", $"{Binaries}/postgres",
            "-D", Data, "-c", $"unix_socket_directories={_folder.FullName}", .. Listen,
            .. settings.SelectMany(setting => new[] { "-c", setting })]);
        await Wait.UntilAsync(Answers);
    }

    /// <summary>At once, as in a crash: it recovers from its log when it is started.</summary>
    public async Task CrashAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await RunAsync("kill", "-QUIT", server.Id.ToString(CultureInfo.InvariantCulture));
            await server.WaitForExitAsync();
            server.Dispose();
        }
    }

    /// <summary>Its processes stand still: connections stay open, and nothing answers.</summary>
    public async Task FreezeAsync()
    {
        // The first of them first: it starts others.
        var server = _server!.Id;
        await RunAsync("kill", "-STOP", $"{server}");
        var children = await File.ReadAllTextAsync($"/proc/{server}/task/{server}/children");
        _frozen = [$"{server}", .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        await SignalAsync("-STOP");
    }

    public async Task ThawAsync()
    {
        await SignalAsync("-CONT");
        _frozen = [];
    }

    /// <summary>Its disk has no room, and what it frees is taken at once, as by a program beside it that writes without end.</summary>
    public async Task FillDiskAsync()
    {
        await _disk!.FillAsync();
        _full = new CancellationTokenSource();
        _filling = KeepFullAsync(_disk, _full.Token);
    }

    /// <summary>There is room again; a server that has ended for want of it is started.</summary>
    public async Task EmptyDiskAsync()
    {
        await StopFillingAsync();
        await _disk!.EmptyAsync();
        while (!await EndsOrAnswersAsync())
        {
            await StartAsync();
        }
    }

    public string ConnectionStringTo(string database) =>
        $"Host={_folder.FullName};Username=postgres;Database={database}{(Port == 0 ? "" : $";Port={Port}")}";

    /// <summary>Empty.</summary>
    public string NewDatabase()
    {
        var name = $"test_{Guid.NewGuid():n}";
        Scalar($"CREATE DATABASE {name}");
        return name;
    }

    public object? Scalar(string sql, string database = "postgres")
    {
        using var connection = new NpgsqlConnection(ConnectionStringTo(database) + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // A test's own text.
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private async Task InitializeAsync(params string[] options)
    {
        await RunAsync("chown", "postgres", _folder.FullName);
        await RunAsync([.. AsPostgres, $"{Binaries}/initdb", "-D", Data, "-A", "trust", "-U", "postgres", "--no-sync", .. options]);
        await StartAsync();
    }

    private static async Task KeepFullAsync(SmallDisk disk, CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await timer.WaitForNextTickAsync(end))
        {
            await disk.FillAsync();
        }
    }

    private async Task StopFillingAsync()
    {
        await (_full?.CancelAsync() ?? Task.CompletedTask);
        await _filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _full?.Dispose();
        _full = null;
    }

    /// <summary>A server that recovers from a crash does neither for a while.</summary>
    /// <returns>Whether it answers.</returns>
    private async Task<bool> EndsOrAnswersAsync()
    {
        await Wait.UntilAsync(() => _server!.HasExited || Answers());
        return !_server!.HasExited;
    }

    /// <summary>It refuses to run as root; setpriv replaces itself, so the process that is started is the server.</summary>
    private static string[] AsPostgres => ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];

    /// <summary>One that serves a connection may end at any moment.</summary>
    private Task SignalAsync(string signal) => RunAsync(["sh", "-c", "kill \"$@\" 2>/dev/null || true", "sh", signal, .. _frozen]);

    private bool Answers()
    {
        try
        {
            using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static Process Launch(string[] command) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = "/",
    })!;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Launch(command);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command[^1]}: {await output}{await error}");
    }
}
