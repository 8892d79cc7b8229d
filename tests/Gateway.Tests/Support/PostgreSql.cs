using System.Diagnostics;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>A PostgreSQL of its own, from the Debian package, reached by a socket in its own directory. Gone with the
/// test.</summary>
public sealed class PostgreSql : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-pg-");
    private Process? _server;

    public string ConnectionString => $"Host={_folder.FullName};Username=postgres;Database=postgres";

    private string Data => Path.Combine(_folder.FullName, "data");

    public async Task InitializeAsync()
    {
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).First() + "/bin";
        await RunAsync("chown", "postgres", _folder.FullName);
        await RunAsync([.. AsPostgres, $"{binaries}/initdb", "-D", Data, "-A", "trust", "-U", "postgres", "--no-sync"]);
        _server = Start(
            [.. AsPostgres, $"{binaries}/postgres", "-D", Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={_folder.FullName}", "-c", "fsync=off"]);
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(_folder.FullName, ".s.PGSQL.5432.lock")) && Answers(), "PostgreSQL is up");
    }

    public async Task DisposeAsync()
    {
        Npgsql.NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            await RunAsync("kill", "-INT", _server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await _server.WaitForExitAsync().InTimeAsync();
            _server.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>It refuses to run as root; setpriv replaces itself, so the process that is started is the server.</summary>
    private static string[] AsPostgres => ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];

    private bool Answers()
    {
        try
        {
            using var connection = new Npgsql.NpgsqlConnection(ConnectionString);
            connection.Open();
            return true;
        }
        catch (Npgsql.NpgsqlException)
        {
            return false;
        }
    }

    private static Process Start(string[] command) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = "/",
    })!;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Start(command);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command[^1]}: {await output}{await error}");
    }
}
