using LinqToDB;

namespace Passthrough.Agent.Hosting;

/// <summary>The journal's database, whichever it is.</summary>
internal static class JournalDatabase
{
    /// <summary>Time a command may take, and the opening of a connection. A journal that is silent for shorter is slow, and its
    /// ledgers count in memory from the second second on.</summary>
    public static readonly TimeSpan CommandPatience = TimeSpan.FromSeconds(4);

    /// <summary>Makes the tables if they are missing, and checks that they refuse a second writer.</summary>
    /// <returns>Its identity, made with it.</returns>
    /// <exception cref="ClusterStartException">It cannot be used; one line says why and what to do.</exception>
    /// <exception cref="JournalUnavailableException">It is not there, or does not take writes, now.</exception>
    public static Task<Guid> PrepareAsync(JournalOptions options, CancellationToken cancel) => options.Provider == JournalProvider.PostgreSql
        ? PostgreSqlJournal.PrepareAsync(options, cancel)
        : SqliteJournal.PrepareAsync(options, cancel);

    /// <summary>What the journal plugin connects with.</summary>
    public static DataOptions Connect(JournalOptions options) => options.Provider == JournalProvider.PostgreSql
        ? PostgreSqlJournal.Connect(options)
        : SqliteJournal.Connect(options);
}

/// <summary>The journal's database does not answer or does not take writes, which may pass. One line for the operator.</summary>
public sealed class JournalUnavailableException(string message, Exception inner) : Exception(message, inner);
