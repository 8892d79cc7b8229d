using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Hosting;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Permits for accounts that do not answer, because their node has died and the cluster has not decided yet, or cannot be
/// reached, or is slow: as many as are held back of each budget, given out by the journal's database (<see cref="Escrow"/>).</summary>
public sealed class InterimPermits(Escrow escrow, LockoutPolicies policies, TimeProvider clock, ILogger<InterimPermits> log)
{
    /// <summary>An account that has not answered after this long is not waited for. Some hundred times what an answer takes. Tests of
    /// what the account itself counts need a machine that may be slower.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The database may be what is slow: then the account is asked again.</summary>
    private static readonly TimeSpan DatabasePatience = TimeSpan.FromMilliseconds(750);

    /// <summary>Questions to the database at once: it has others to answer, and may be what is slow.</summary>
    private const int MostAtOnce = 32;

    /// <summary>Names of nobody that are counted at once, a few hundred bytes each.</summary>
    private const int MostUnknown = 10_000;

    /// <summary>Between two lines that say so.</summary>
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private static readonly Meter Meter = new("Passthrough.Agent.Lockout");
    private static readonly Counter<long> Asked = Meter.CreateCounter<long>(
        "passthrough.agent.interim_permits", "{permit}", "Accounts that did not answer in time, by whether the database gave a permit");

    private readonly ConcurrentDictionary<ulong, bool> _out = [];
    private readonly Dictionary<AccountKey, NobodysPermits> _unknown = [];
    private readonly SteadyClock _steady = new(clock);
    private long _toldAt = -1;
    private int _asking;

    /// <summary>Those that workers of this agent hold.</summary>
    public int Open => _out.Count;

    /// <summary>Null if there is none left, or the database does not answer.</summary>
    /// <param name="permit">Drawn for this alone.</param>
    internal async Task<PermitAnswer.Granted?> TryTakeAsync(AccountKey account, ulong permit)
    {
        var policy = policies.Now;
        var askedAt = clock.GetTimestamp();
        var isTaken = account.IsKnown
            ? await TryTakeAsync(account, permit, policy.HeldBack(), clock.GetUtcNow() + policy.PermitLifetime)
            : TryTakeUnknown(account, policy.HeldBack());
        Asked.Add(1, new KeyValuePair<string, object?>("given", isTaken));
        Tell();
        if (!isTaken)
        {
            return null;
        }

        _out[permit] = account.IsKnown;
        return new PermitAnswer.Granted(permit, askedAt, policy.PermitLifetime);
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

    private bool TryTakeUnknown(AccountKey account, int held)
    {
        lock (_unknown)
        {
            var now = _steady.Now;
            if (_unknown.Count >= MostUnknown)
            {
                foreach (var (old, _) in _unknown.Where(each => each.Value.IsPast(now)))
                {
                    _unknown.Remove(old);
                }
            }

            NobodysPermits? before = _unknown.TryGetValue(account, out var known) ? known : null;
            if ((before is null && _unknown.Count >= MostUnknown) || NobodysPermits.Take(before, held, now) is not { } after)
            {
                return false;
            }

            _unknown[account] = after;
            return true;
        }
    }

    /// <summary>Once in a while, however many they are.</summary>
    private void Tell()
    {
        var toldAt = Interlocked.Read(ref _toldAt);
        if ((toldAt < 0 || clock.GetElapsedTime(toldAt) > ToldEvery)
            && Interlocked.CompareExchange(ref _toldAt, clock.GetTimestamp(), toldAt) == toldAt)
        {
            log.AccountsSilent(Patience.TotalMilliseconds);
        }
    }
}
