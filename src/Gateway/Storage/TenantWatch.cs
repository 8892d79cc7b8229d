using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Passthrough.Gateway.Storage;

/// <summary>Keeps the directory in memory as the database says: looks every quarter of a second at one row, so that a revocation
/// by the command line, on this machine or another, is noticed within a second.</summary>
public sealed class TenantWatch(
    IDbContextFactory<GatewayContext> database, TenantDirectory directory, TimeProvider time, ILogger<TenantWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private long _lastSeen;
    private bool _failing;

    /// <summary>The directory in memory is one that the database had.</summary>
    public bool IsRead => Volatile.Read(ref _lastSeen) != 0;

    /// <summary>Since the database answered last.</summary>
    public TimeSpan Silent => time.GetElapsedTime(Volatile.Read(ref _lastSeen));

    /// <summary>Reads the directory for the first time: nothing is served before.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        try
        {
            await using var context = await database.CreateDbContextAsync(cancel);
            var changed = await TenantSnapshotReader.ReadVersionAsync(context, cancel) != directory.Now.Version;
            Volatile.Write(ref _lastSeen, time.GetTimestamp());
            if (changed)
            {
                await ReadAsync(cancel);
            }

            if (_failing)
            {
                _failing = false;
                log.DatabaseIsBack();
            }
        }
        catch (Exception e) when (e is DbException or TimeoutException or InvalidOperationException && !cancel.IsCancellationRequested)
        {
            // What is in memory goes on being served: a sign-in needs no database.
            if (!_failing)
            {
                _failing = true;
                log.DatabaseUnreachable(e);
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        await using var context = await database.CreateDbContextAsync(cancel);
        directory.Replace(await TenantSnapshotReader.ReadAsync(context, time.GetUtcNow(), cancel));
        Volatile.Write(ref _lastSeen, time.GetTimestamp());
        log.DirectoryRead(directory.Now.Version);
    }
}
