using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Permits for accounts that do not answer, because their node has died and the cluster has not decided yet, or cannot be
/// reached, or is slow: as many as are held back of each budget, given out by the journal's database (<see cref="Escrow"/>).</summary>
public sealed class InterimPermits(Escrow escrow, LockoutPolicies policies, TimeProvider clock, ILogger<InterimPermits> log)
{
    /// <summary>An account that has not answered after this long is not waited for. Some hundred times what an answer takes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>The database may be what is slow: then the account is asked again.</summary>
    private static readonly TimeSpan DatabasePatience = TimeSpan.FromMilliseconds(750);

    /// <summary>Questions to the database at once: it has others to answer, and may be what is slow.</summary>
    private const int MostAtOnce = 32;

    /// <summary>Names of nobody that are counted at once, a few hundred bytes each.</summary>
    private const int MostUnknown = 10_000;

    /// <summary>Longer than the cluster takes to decide.</summary>
    private static readonly TimeSpan UnknownMemory = TimeSpan.FromSeconds(60);

    private static readonly Meter Meter = new("Passthrough.Agent.Lockout");
    private static readonly Counter<long> Asked = Meter.CreateCounter<long>(
        "passthrough.agent.interim_permits", description: "Accounts that did not answer in time, by whether the database gave a permit");

    private readonly ConcurrentDictionary<ulong, bool> _out = [];
    private readonly ConcurrentDictionary<AccountKey, (int Taken, long Since)> _unknown = [];
    private long _toldAt = -1;
    private int _asking;

    /// <summary>Null if there is none left, or the database does not answer.</summary>
    /// <param name="permit">Drawn for this alone.</param>
    internal async Task<PermitAnswer.Granted?> TryTakeAsync(AccountKey account, ulong permit)
    {
        var policy = policies.Now;
        var expiresAt = clock.GetUtcNow() + policy.PermitLifetime;
        var isTaken = account.IsKnown
            ? await TryTakeAsync(account, permit, policy.HeldBack(), expiresAt)
            : TryTakeUnknown(account, policy.HeldBack());
        Asked.Add(1, new KeyValuePair<string, object?>("given", isTaken));
        Tell();
        if (!isTaken)
        {
            return null;
        }

        _out[permit] = account.IsKnown;
        return new PermitAnswer.Granted(permit, expiresAt);
    }

    /// <summary>Whether the permit was one of these; if so it is settled here. A bind that failed stays in the database until the
    /// account's owner has counted it.</summary>
    internal async Task<bool> TrySettleAsync(AccountKey account, ulong permit, Settlement how)
    {
        if (!_out.TryRemove(permit, out var isStored))
        {
            return false;
        }

        if (isStored)
        {
            var told = how == Settlement.Failed ? escrow.EndAsync(account, permit, clock.GetUtcNow()) : escrow.GiveBackAsync(account, permit);
            await Task.WhenAny(told, Task.Delay(DatabasePatience, clock));
        }

        return true;
    }

    private async Task<bool> TryTakeAsync(AccountKey account, ulong permit, int held, DateTimeOffset expiresAt)
    {
        try
        {
            return Interlocked.Increment(ref _asking) <= MostAtOnce
                && await escrow.TakeInterimAsync(account, permit, held, expiresAt, DatabasePatience);
        }
        finally
        {
            Interlocked.Decrement(ref _asking);
        }
    }

    /// <summary>No bind follows, so nothing is at stake but that a name of nobody looks like all others: as many, counted here.</summary>
    private bool TryTakeUnknown(AccountKey account, int held)
    {
        if (_unknown.Count >= MostUnknown)
        {
            foreach (var (old, _) in _unknown.Where(each => clock.GetElapsedTime(each.Value.Since) > UnknownMemory).ToList())
            {
                _unknown.TryRemove(old, out _);
            }
        }

        var isNew = !_unknown.TryGetValue(account, out var before) || clock.GetElapsedTime(before.Since) > UnknownMemory;
        if ((isNew && _unknown.Count >= MostUnknown) || (!isNew && before.Taken >= held))
        {
            return false;
        }

        _unknown[account] = isNew ? (1, clock.GetTimestamp()) : before with { Taken = before.Taken + 1 };
        return held > 0;
    }

    /// <summary>Once in a while, however many they are.</summary>
    private void Tell()
    {
        var toldAt = Interlocked.Read(ref _toldAt);
        if ((toldAt < 0 || clock.GetElapsedTime(toldAt) > UnknownMemory)
            && Interlocked.CompareExchange(ref _toldAt, clock.GetTimestamp(), toldAt) == toldAt)
        {
            log.AccountsSilent(Patience.TotalMilliseconds);
        }
    }
}
