using Microsoft.Data.Sqlite;

namespace Passthrough.Agent.Tests.Hosting;

/// <summary>Looks into a journal from outside.</summary>
internal sealed class JournalFile(string path)
{
    /// <summary>Manifests of the events of all ledgers of shards, in the order in which they were written.</summary>
    /// <param name="except">A ledger that is left out.</param>
    public IReadOnlyList<string> Manifests(string except = "")
    {
        List<string> manifests = [];
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT manifest FROM journal WHERE persistence_id NOT LIKE '%none%' AND persistence_id <> $except ORDER BY ordering";
        command.Parameters.AddWithValue("$except", except);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            manifests.Add(reader.GetString(0));
        }

        return manifests;
    }

    /// <summary>Those that say something about an account.</summary>
    public IReadOnlyList<string> Facts(string except = "") => [.. Manifests(except).Where(manifest => !manifest.StartsWith("ledger-", StringComparison.Ordinal))];

    public object? Scalar(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A test's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
