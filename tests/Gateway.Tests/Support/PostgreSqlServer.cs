using Npgsql;
using Passthrough.Agent.Tests.Support;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>A PostgreSQL for tests that kill nothing: what it was told may be lost in a crash, and it is quicker.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private PostgreSql? _server;

    public string ConnectionString => _server!.ConnectionString;

    public async Task InitializeAsync() => _server = await PostgreSql.MakeAsync(settings: ["fsync=off"]);

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _server!.DisposeAsync();
    }
}
