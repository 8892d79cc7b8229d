using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Gateway.Storage;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>The locks that agents told of, so that this gateway can refuse by itself whom they would refuse: an attack on one
/// account costs the agents nothing. Only remembers: what is not here is asked of the agents. May be used by many threads.</summary>
public sealed class KeptLocks(TimeProvider time)
{
    /// <summary>Names that are remembered, some 20 MB. The locks of more names than that are left to the agents.</summary>
    internal const int MaxNames = 100_000;

    /// <summary>What is over is forgotten at least so often; and at most so often when there is no room.</summary>
    private static readonly TimeSpan SweepAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>For how long it is remembered that a lock was ended: an attempt that was begun before has its answer by then.</summary>
    private static readonly TimeSpan EndRemembered = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, AccountKey Name), AccountKey> _accounts = [];
    private readonly Dictionary<(string Tenant, AccountKey Account), Kept> _locks = [];
    private long _swept = time.GetTimestamp();

    /// <summary>An agent has told that an operator ended the locks of an account, of this tenant.</summary>
    public event Action<string, AccountKey>? Ended;

    /// <summary>Names that are remembered now.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _accounts.Count;
            }
        }
    }

    /// <summary>For how long an attempt on this name from this source is still refused. Zero: ask an agent.</summary>
    public TimeSpan LeftFor(TenantRoute route, TypedName name, ClientSource source)
    {
        Kept kept;
        lock (_gate)
        {
            if (_locks.Count == 0
                || !_accounts.TryGetValue((route.Tenant, KeyOf(route, name)), out var account)
                || !_locks.TryGetValue((route.Tenant, account), out kept))
            {
                return TimeSpan.Zero;
            }
        }

        return kept.Notice.LeftFor(source, time.GetElapsedTime(kept.At));
    }

    /// <summary>The locks of a tenant that are not over, the longest first, and how many there are.</summary>
    internal (IReadOnlyList<KeptLock> Longest, int Count) Of(string tenant, int most)
    {
        var now = time.GetTimestamp();
        List<KeptLock> all = [];
        lock (_gate)
        {
            foreach (var ((owner, account), kept) in _locks)
            {
                if (owner == tenant && kept.Notice.Left(time.GetElapsedTime(kept.At, now)) is var left && left != default)
                {
                    all.Add(new KeptLock(account, left.Familiar, left.Unfamiliar));
                }
            }
        }

        return ([.. all.OrderByDescending(each => each.Unfamiliar > each.Familiar ? each.Unfamiliar : each.Familiar).Take(most)], all.Count);
    }

    /// <summary>An agent has told of a lock.</summary>
    /// <param name="account">Null: the name leads to no account.</param>
    /// <param name="begun">When the attempt was begun: if the lock was ended after that, the notice is of the time before.</param>
    public void Keep(TenantRoute route, TypedName name, AccountKey? account, LockNotice notice, long begun)
    {
        var now = time.GetTimestamp();
        var named = (route.Tenant, KeyOf(route, name));
        var locked = (route.Tenant, account ?? named.Item2);
        lock (_gate)
        {
            if (!HasRoom(now) || (_locks.TryGetValue(locked, out var before) && before.IsEnd && before.At >= begun))
            {
                return;
            }

            _accounts[named] = locked.Item2;
            _locks[locked] = new Kept(notice, now);
        }
    }

    /// <summary>An operator has ended the locks of an account. What an agent says of a forest that it does not serve is not
    /// believed.</summary>
    public void End(AgentEntry agent, LockEnded ended)
    {
        if (ended.Account.Length == 16 && agent.Forests.Contains(ended.Forest, StringComparer.OrdinalIgnoreCase)
            && AccountKey.TryCreate(ended.Forest, new Guid(ended.Account.Span)) is { } account)
        {
            End(agent.Tenant, account, isKnown: false);
            Ended?.Invoke(agent.Tenant, account);
        }
    }

    /// <summary>Another instance was told so.</summary>
    internal void EndAsHeard(string tenant, AccountKey account) => End(tenant, account, isKnown: false);

    /// <summary>The owner of an account has signed in.</summary>
    public void Forgive(TenantRoute route, AccountKey account) => End(route.Tenant, account, isKnown: true);

    /// <param name="isKnown">Nothing is remembered of an account that is not here already.</param>
    private void End(string tenant, AccountKey account, bool isKnown)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_locks.ContainsKey((tenant, account)) || (!isKnown && HasRoom(now)))
            {
                _locks[(tenant, account)] = new Kept(Kept.Ended, now);
            }
        }
    }

    /// <summary>The names that no directory tells apart have one key, which is no account's.</summary>
    private static AccountKey KeyOf(TenantRoute route, TypedName name) =>
        AccountKey.ForUnknownName(route.Forest, CanonicalName.ForMemory(name, hasAlternateId: false));

    private bool HasRoom(long now)
    {
        var isFull = _accounts.Count >= MaxNames || _locks.Count >= MaxNames;
        if (time.GetElapsedTime(_swept, now) >= (isFull ? SweepAgainAfter : SweepAfter))
        {
            _swept = now;
            foreach (var (key, kept) in _locks)
            {
                if (time.GetElapsedTime(kept.At, now) >= (kept.IsEnd ? EndRemembered : kept.Notice.Longest))
                {
                    _locks.Remove(key);
                }
            }

            foreach (var (key, account) in _accounts)
            {
                if (!_locks.ContainsKey((key.Tenant, account)))
                {
                    _accounts.Remove(key);
                }
            }
        }

        return _accounts.Count < MaxNames && _locks.Count < MaxNames;
    }

    /// <param name="Familiar">What is left of it for familiar sources.</param>
    /// <param name="Unfamiliar">And for all others.</param>
    internal readonly record struct KeptLock(AccountKey Account, TimeSpan Familiar, TimeSpan Unfamiliar);

    /// <param name="At">When it was told; a timestamp.</param>
    private readonly record struct Kept(LockNotice Notice, long At)
    {
        public static readonly LockNotice Ended = new(TimeSpan.Zero, TimeSpan.Zero, []);

        public bool IsEnd => Notice == Ended;
    }
}
