using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;
using Passthrough.Gateway.Hosting;

namespace Passthrough.Gateway.Storage;

/// <summary>Opens the gateway's database: PostgreSQL if a connection string is given, else SQLite in the state directory. May be
/// used by many threads.</summary>
public sealed class GatewayContextFactory : IDbContextFactory<GatewayContext>
{
    private readonly DbContextOptions<SqliteGatewayContext>? _sqlite;
    private readonly DbContextOptions<PostgreSqlGatewayContext>? _postgreSql;

    private GatewayContextFactory(
        DbContextOptions<SqliteGatewayContext>? sqlite, DbContextOptions<PostgreSqlGatewayContext>? postgreSql) =>
        (_sqlite, _postgreSql) = (sqlite, postgreSql);

    /// <exception cref="StartFaultException">The file of the connection string cannot be used.</exception>
    public static GatewayContextFactory Open(DatabaseOptions options, StateDirectory state) =>
        Create(options.ConnectionStringFile.Length == 0 ? "" : ReadConnectionString(options.ConnectionStringFile), state.Root);

    /// <param name="connectionString">Of Npgsql; empty for SQLite.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static GatewayContextFactory Create(string connectionString, string stateDirectory) =>
        connectionString.Length == 0
            ? OnSqlite(Path.Combine(stateDirectory, "gateway.db"))
            : new(null, new DbContextOptionsBuilder<PostgreSqlGatewayContext>().UseNpgsql(connectionString).Options);

    public GatewayContext CreateDbContext() =>
        _sqlite is null ? new PostgreSqlGatewayContext(_postgreSql!) : new SqliteGatewayContext(_sqlite);

    /// <summary>Told without its values: one of them is a password.</summary>
    private static string ReadConnectionString(string file)
    {
        const string Form = "Host=db.example;Database=passthrough_gateway;Username=…;Password=…;SSL Mode=VerifyFull;Root Certificate=…";
        StateDirectory.RefuseIfExposed(file);
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(File.ReadAllText(file).Trim());
            return !string.IsNullOrEmpty(settings.Host) && !string.IsNullOrEmpty(settings.Database)
                ? settings.ConnectionString
                : throw new StartFaultException(FaultKind.DatabaseUnusable, $"{file} must name Host and Database: {Form}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartFaultException(
                FaultKind.DatabaseUnusable,
                e is ArgumentException ? $"{file} holds no connection string ({e.Message}): {Form}" : $"{file} cannot be read: {e.Message}",
                e);
        }
    }

    private static GatewayContextFactory OnSqlite(string path)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 };
        return new(new DbContextOptionsBuilder<SqliteGatewayContext>().UseSqlite(connection.ConnectionString).Options, null);
    }

    /// <summary>For <c>dotnet ef migrations add</c>, which finds it by its interface and opens no database.</summary>
    internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteGatewayContext>
    {
        public SqliteGatewayContext CreateDbContext(string[] args) => (SqliteGatewayContext)Create("", ".").CreateDbContext();
    }

    /// <summary>As <see cref="SqliteDesign"/>.</summary>
    internal sealed class PostgreSqlDesign : IDesignTimeDbContextFactory<PostgreSqlGatewayContext>
    {
        public PostgreSqlGatewayContext CreateDbContext(string[] args) =>
            (PostgreSqlGatewayContext)Create("Host=localhost", ".").CreateDbContext();
    }
}
