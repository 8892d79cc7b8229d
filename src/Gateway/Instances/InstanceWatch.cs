using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Passthrough.Decisions.Instances;
using Passthrough.Decisions.Lockout;
using Passthrough.Decisions.Monitoring;
using Passthrough.Gateway.Agents;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Instances;

/// <summary>Writes into the shared database that this instance lives and which locks it heard to be ended, and reads there what the
/// other instances wrote.</summary>
public sealed class InstanceWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>An instance that was not seen for so long is forgotten, and agents no longer dial it; so is an ended lock.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    /// <summary>Ended locks that wait to be written. What is more than that ends elsewhere with its time.</summary>
    private const int MaxUntold = 1000;

    private readonly IDbContextFactory<GatewayContext> _database;
    private readonly GatewayInstance _instance;
    private readonly GatewayAddresses _addresses;
    private readonly KeptLocks _locks;
    private readonly AgentsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<InstanceWatch> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<EndedLock, Guid> _untold = new();
    private readonly long _began;
    private IReadOnlyDictionary<string, SeenBeat> _seen = new Dictionary<string, SeenBeat>();
    private Dictionary<EndedLock, Guid> _ended = [];
    private volatile IReadOnlyList<Uri> _others = [];
    private Task _watching = Task.CompletedTask;
    private string _own = "";
    private bool _hasBeaten, _isShared;
    private long _clockAhead = long.MinValue;

    public InstanceWatch(
        IDbContextFactory<GatewayContext> database, GatewayInstance instance, GatewayAddresses addresses, KeptLocks locks, GatewayOptions options,
        TimeProvider time, ILogger<InstanceWatch> log)
    {
        (_database, _instance, _addresses, _locks) = (database, instance, addresses, locks);
        (_options, _time, _log, _began) = (options.Agents, time, log, time.GetTimestamp());
        locks.Ended += Tell;
    }

    /// <summary>The other instances that live, as far as the database could say last.</summary>
    public IReadOnlyList<Uri> Others => _others;

    /// <summary>How far this machine's clock was before the database server's at the last look; null: it has none of its own, or has not
    /// told it yet.</summary>
    public TimeSpan? ClockAhead => Volatile.Read(ref _clockAhead) is > long.MinValue and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>This instance, as others and agents dial it: https://host:port.</summary>
    public string Own => _own;

    /// <summary>From now on others know of this instance.</summary>
    /// <param name="address">Where they reach its stream listener.</param>
    public async Task StartAsync(Uri address, CancellationToken cancel)
    {
        _own = address.GetLeftPart(UriPartial.Authority);
        await LookAsync(cancel);
        _watching = WatchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _locks.Ended -= Tell;
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private void Tell(string tenant, AccountKey account)
    {
        if (_untold.Count < MaxUntold)
        {
            _untold[new EndedLock(tenant, account)] = Guid.NewGuid();
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            try
            {
                await LookAsync(_stop.Token);
            }
            catch (Exception e) when (DatabaseFault.Is(e))
            {
                // The directory's watch tells people of it. Who lived when the database was there last is taken to live on.
            }
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        await using var context = await _database.CreateDbContextAsync(cancel);
        var asked = _time.GetUtcNow();
        var (since, now) = await PeerBooks.ReadAvailableSinceAsync(context, _time, cancel);
        if (context.HasClock)
        {
            Volatile.Write(ref _clockAhead, ProgramHealth.Ahead(asked, now, _time.GetUtcNow()).Ticks);
        }

        if (since == now)
        {
            // Before this instance says that it is there: there may have been none.
            await context.Installation.ExecuteUpdateAsync(set => set.SetProperty(each => each.AvailableSince, now), cancel);
        }

        await BeatAsync(context, now, cancel);
        var all = await context.Instances.AsNoTracking().ToListAsync(cancel);
        var looked = _time.GetElapsedTime(_began);
        _seen = InstanceRoll.Follow(_seen, all.Select(each => (each.Address, each.Beat)), looked);
        _others = [.. InstanceRoll.Others(_seen, _own, looked).Select(address => new Uri(address))];
        _addresses.Streams = InstanceRoll.StreamAddresses([.. _options.StreamAddresses], _seen.Keys, _own);
        await TellEndedAsync(context, now, cancel);
        HearEnded(await context.EndedLocks.AsNoTracking().ToListAsync(cancel));
    }

    private async Task BeatAsync(GatewayContext context, DateTimeOffset now, CancellationToken cancel)
    {
        var own = context.Instances.Where(each => each.Address == _own);
        if (await WriteAsync(own.Where(each => each.Run == _instance.Id), now, cancel))
        {
            return;
        }

        // The row of an earlier run, as a rule.
        if (_hasBeaten && !_isShared)
        {
            _isShared = true;
            _log.AddressIsShared(_own);
        }

        if (!await WriteAsync(own, now, cancel))
        {
            context.Instances.Add(new InstanceRecord { Address = _own, Run = _instance.Id, Beat = 1, SeenAt = now });
            await context.SaveChangesAsync(cancel);
        }

        _hasBeaten = true;
        var forgotten = now - Remembered;
        await context.Instances.Where(each => each.SeenAt < forgotten).ExecuteDeleteAsync(cancel);
    }

    private async Task<bool> WriteAsync(IQueryable<InstanceRecord> row, DateTimeOffset now, CancellationToken cancel) =>
        await row.ExecuteUpdateAsync(
            set => set.SetProperty(each => each.Run, _instance.Id).SetProperty(each => each.Beat, each => each.Beat + 1).SetProperty(each => each.SeenAt, now),
            cancel) == 1;

    private async Task TellEndedAsync(GatewayContext context, DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var (ended, mark) in _untold)
        {
            var row = context.EndedLocks.Where(
                each => each.TenantId == ended.Tenant && each.Forest == ended.Account.Forest && each.ObjectGuid == ended.Account.ObjectGuid);
            var old = now - Remembered;
            await context.EndedLocks.Where(each => each.EndedAt < old).ExecuteDeleteAsync(cancel);
            if (await row.ExecuteUpdateAsync(set => set.SetProperty(each => each.Mark, mark).SetProperty(each => each.EndedAt, now), cancel) == 0)
            {
                context.EndedLocks.Add(new EndedLockRecord
                {
                    TenantId = ended.Tenant,
                    Forest = ended.Account.Forest,
                    ObjectGuid = ended.Account.ObjectGuid,
                    Mark = mark,
                    EndedAt = now,
                });
                await context.SaveChangesAsync(cancel);
            }

            _untold.TryRemove(KeyValuePair.Create(ended, mark));
        }
    }

    private void HearEnded(IReadOnlyList<EndedLockRecord> rows)
    {
        var before = _ended;
        _ended = [];
        foreach (var row in rows)
        {
            if (AccountKey.TryCreate(row.Forest, row.ObjectGuid) is not { } account)
            {
                continue;
            }

            var ended = new EndedLock(row.TenantId, account);
            _ended[ended] = row.Mark;
            if (!before.TryGetValue(ended, out var heard) || heard != row.Mark)
            {
                _locks.EndAsHeard(row.TenantId, account);
            }
        }
    }

    private readonly record struct EndedLock(string Tenant, AccountKey Account);
}
