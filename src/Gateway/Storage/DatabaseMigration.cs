using Microsoft.EntityFrameworkCore;
using Passthrough.Gateway.Hosting;

namespace Passthrough.Gateway.Storage;

/// <summary>Brings the database to the form that this program expects. Run at every start; instances that start together wait
/// for each other.</summary>
public static class DatabaseMigration
{
    /// <summary>Any number that no other user of the database locks: the letters "ptgw".</summary>
    private const long AdvisoryLock = 0x70746777;

    /// <summary>For the instances before this one, and for one's own changes.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(2);

    /// <exception cref="StartFaultException">The database cannot be reached or changed, or a newer program made it.</exception>
    public static async Task RunAsync(GatewayContextFactory factory, StateDirectory state, CancellationToken cancel)
    {
        try
        {
            await using var context = factory.CreateDbContext();
            if (context is SqliteGatewayContext)
            {
                // The database is a file of this machine, so a lock of this machine is enough. The framework's own lock is a row
                // that a process killed meanwhile leaves behind for ever: under our lock nobody can be holding it.
                using var only = await state.LockAsync(cancel);
                await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancel);
                await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancel);
                await MigrateAsync(context, cancel);
            }
            else
            {
                await MigrateLockedAsync(context, cancel);
            }
        }
        catch (Exception e) when (DatabaseFault.Is(e) || e is ArgumentException)
        {
            throw new StartFaultException(
                FaultKind.DatabaseUnusable, $"the database cannot be used: {DatabaseFault.Reason(e)}; check Database:ConnectionStringFile, or the state directory", e);
        }
    }

    private static async Task MigrateLockedAsync(GatewayContext context, CancellationToken cancel)
    {
        await context.Database.OpenConnectionAsync(cancel);
        context.Database.SetCommandTimeout(LockPatience);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({AdvisoryLock})", cancel);
        try
        {
            await MigrateAsync(context, cancel);
        }
        finally
        {
            // A pooled connection that is given back keeps its session, and so the lock, until it is used again.
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
        }
    }

    private static async Task MigrateAsync(GatewayContext context, CancellationToken cancel)
    {
        var known = context.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var applied = (await context.Database.GetAppliedMigrationsAsync(cancel)).ToList();
        if (applied.Find(migration => !known.Contains(migration)) is { } unknown)
        {
            throw new StartFaultException(
                FaultKind.DatabaseUnusable,
                $"the database was made by a newer gateway (it has {unknown}): install that version, or restore a backup");
        }

        if (applied.Count < known.Count)
        {
            await context.Database.MigrateAsync(cancel);
        }
    }
}
