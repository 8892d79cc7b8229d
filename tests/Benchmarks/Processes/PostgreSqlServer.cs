using Npgsql;

namespace Passthrough.Benchmarks.Processes;

/// <summary>Debian's PostgreSQL with a fresh database, durable as it comes (fsync and synchronous_commit on), reached by a socket
/// in the run's folder.</summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder;

    private PostgreSqlServer(OwnedProcess process, string folder) => (Process, _folder) = (process, folder);

    public OwnedProcess Process { get; }

    public string ConnectionString => $"Host={_folder};Username=postgres;Database=postgres";

    public static async Task<PostgreSqlServer> StartAsync(ScratchFolder scratch, CancellationToken cancel)
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        var binaries = (versions.OrderDescending(StringComparer.Ordinal).FirstOrDefault()
            ?? throw new BenchmarkFault("PostgreSQL is not installed: run ops/install-packages bench")) + "/bin";
        var folder = scratch.CreateFolder("postgresql");

        // The server refuses to run as root, and its user must reach the folder.
        File.SetUnixFileMode(scratch.Path, File.GetUnixFileMode(scratch.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        await OwnedProcess.RunAsync("chown", ["postgres", folder], Patience, cancel);
        string[] asPostgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
        await OwnedProcess.RunAsync(
            "setpriv", [.. asPostgres, $"{binaries}/initdb", "-D", $"{folder}/data", "-A", "trust", "-U", "postgres"], Patience, cancel);
        var process = OwnedProcess.Start("postgresql", scratch.Combine("postgresql.log"), "setpriv",
            [.. asPostgres, $"{binaries}/postgres", "-D", $"{folder}/data", "-c", "listen_addresses=", "-c", $"unix_socket_directories={folder}"]);
        var server = new PostgreSqlServer(process, folder);
        await process.WaitUntilAsync(server.AnswersAsync, Patience, cancel);
        return server;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
