using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Passthrough.Agent.Hosting;

namespace Passthrough.Agent.Tests.Support;

/// <summary>A PostgreSQL of the test's own, durable as it comes, reached by a socket in its own directory. Can be stopped,
/// frozen and started again. Gone with the test.</summary>
internal sealed class PostgreSql : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("passthrough-pg-");
    private Process? _server;
    private string[] _frozen = [];

    public string ConnectionString => $"Host={_folder.FullName};Username=postgres;Database=postgres";

    private static string Binaries =>
        Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).First() + "/bin";

    private string Data => Path.Combine(_folder.FullName, "data");

    /// <summary>The options of an agent that has its journal there; the connection string goes into the file.</summary>
    public static JournalOptions Journal(string file, string connection)
    {
        File.WriteAllText(file, connection);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new JournalOptions { Provider = JournalProvider.PostgreSql, ConnectionStringFile = file };
    }

    public static async Task<PostgreSql> MakeAsync()
    {
        var server = new PostgreSql();
        await RunAsync("chown", "postgres", server._folder.FullName);
        await RunAsync([.. AsPostgres, $"{Binaries}/initdb", "-D", server.Data, "-A", "trust", "-U", "postgres", "--no-sync"]);
        await server.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_frozen.Length > 0)
        {
            await ThawAsync();
        }

        await CrashAsync();
        _folder.Delete(recursive: true);
    }

    public async Task StartAsync()
    {
        // Nobody reads what it logs, and a full pipe would stop it.
        _server = Launch(
            [.. AsPostgres, "sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh", $"{Binaries}/postgres",
            "-D", Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={_folder.FullName}"]);
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
        var server = _server!.Id;
        var children = await File.ReadAllTextAsync($"/proc/{server}/task/{server}/children");
        _frozen = [$"{server}", .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        await RunAsync(["kill", "-STOP", .. _frozen]);
    }

    public async Task ThawAsync()
    {
        await RunAsync(["kill", "-CONT", .. _frozen]);
        _frozen = [];
    }

    public object? Scalar(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // A test's own text.
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    /// <summary>It refuses to run as root; setpriv replaces itself, so the process that is started is the server.</summary>
    private static string[] AsPostgres => ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];

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
