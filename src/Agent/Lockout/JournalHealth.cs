using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>Which shards of this node count in memory because their journal cannot be read or written. Says so once for each
/// outage, however many shards it hits.</summary>
public sealed class JournalHealth(ILogger<JournalHealth> log)
{
    public const string Runbook = "ops/runbooks/journal.md";

    private static readonly Meter Meter = new("Passthrough.Agent");
    private static readonly UpDownCounter<long> VolatileShards = Meter.CreateUpDownCounter<long>(
        "passthrough.agent.volatile_shards", "{shard}", "Shards that count in memory because their journal is down or cannot be read");
    private static readonly Counter<long> Outages = Meter.CreateCounter<long>(
        "passthrough.agent.journal_outages", "{outage}", "Times that the journal went away");

    private readonly Lock _lock = new();
    private readonly HashSet<string> _down = [];
    private readonly HashSet<string> _unreadable = [];
    private readonly Dictionary<string, int> _unstored = [];
    private long _since;
    private int _caughtUp;
    private int _lost;
    private long? _unpreparedSince;
    private JournalTries _tries;

    /// <summary>A journal that does not answer for this long is down: a sign-in still has time to end well. It is not given up;
    /// when it answers after all, it catches up. Tests of what is written need a machine that may be slower.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>As <see cref="Patience"/>, of a ledger that has not read its journal.</summary>
    internal TimeSpan ReadPatience { get; set; } = LedgerMemory.ReadPatience;

    /// <summary>Whether the database was found to be fit: before that nothing may be written.</summary>
    public bool IsPrepared
    {
        get
        {
            lock (_lock)
            {
                return _unpreparedSince is null;
            }
        }

        set
        {
            lock (_lock)
            {
                _unpreparedSince = value ? null : _unpreparedSince ?? Stopwatch.GetTimestamp();
            }
        }
    }

    /// <summary>For how long this node has known that the journal is down; zero if it does not know of it.</summary>
    public TimeSpan DownFor
    {
        get
        {
            lock (_lock)
            {
                return (_unpreparedSince ?? (_down.Count > 0 ? _since : null)) is { } since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Which journal it is, as its database says; empty until it was found to be fit. Nodes with the same are one cluster.</summary>
    public Guid Identity { get; set; }

    /// <summary>For people, in one line; empty if all is well.</summary>
    public string Reason
    {
        get
        {
            lock (_lock)
            {
                return _down.Count > 0
                    ? $"the journal is down: {_down.Count} shards count in memory with half the budget ({Runbook})"
                    : _unreadable.Count > 0
                    ? $"the journals of shards {string.Join(", ", _unreadable.Order())} cannot be read: they count in memory with half the budget ({Runbook})"
                    : "";
            }
        }
    }

    /// <summary>Facts that the ledgers of this node have counted and that no journal has.</summary>
    public int Unstored
    {
        get
        {
            lock (_lock)
            {
                return _unstored.Values.Sum();
            }
        }
    }

    /// <summary>As <see cref="LockoutMeters.BeginWithZero"/>.</summary>
    internal static void BeginWithZero()
    {
        VolatileShards.Add(0);
        Outages.Add(0);
    }

    /// <param name="facts">That the shard's ledger has in memory only.</param>
    internal void Holds(string shard, int facts)
    {
        lock (_lock)
        {
            _unstored[shard] = facts;
        }
    }

    /// <summary>Whether this shard's ledger may try to reach the journal.</summary>
    internal bool MayTry(string shard)
    {
        lock (_lock)
        {
            (var may, _tries) = _tries.Ask(shard);
            return may;
        }
    }

    /// <summary>A shard's ledger has read its journal.</summary>
    internal void Answered()
    {
        lock (_lock)
        {
            _tries = JournalTries.Answered();
        }
    }

    /// <summary>The shard's ledger tried in vain.</summary>
    internal void Silent(string shard)
    {
        lock (_lock)
        {
            _tries = _tries.Silent(shard);
        }
    }

    /// <summary>A shard begins to count in memory.</summary>
    internal void Down(string shard, string why)
    {
        lock (_lock)
        {
            if (_unreadable.Contains(shard) || !_down.Add(shard))
            {
                return;
            }

            VolatileShards.Add(1);
            if (_down.Count == 1)
            {
                Outages.Add(1);
                (_since, _caughtUp, _lost) = (Stopwatch.GetTimestamp(), 0, 0);
                log.JournalDown(why, Runbook);
            }
        }
    }

    /// <summary>As <see cref="Down"/>, for a reason that waiting does not cure.</summary>
    internal void Unreadable(string shard, string why)
    {
        lock (_lock)
        {
            if (_unreadable.Contains(shard))
            {
                return;
            }

            Back(shard, 0);
            _unreadable.Add(shard);
            VolatileShards.Add(1);
            log.JournalUnreadable(shard, why, Runbook);
        }
    }

    /// <summary>What the shard counted is stored.</summary>
    internal void Back(string shard, int facts) => Ends(shard, caughtUp: facts, lost: 0);

    /// <summary>The shard's ledger stopped, perhaps before its journal was back.</summary>
    internal void Gone(string shard, int facts)
    {
        LockoutMeters.ShardStopped();
        lock (_lock)
        {
            _unstored.Remove(shard);
        }

        Ends(shard, caughtUp: 0, lost: facts);
    }

    private void Ends(string shard, int caughtUp, int lost)
    {
        lock (_lock)
        {
            _tries = _tries.Stopped(shard);
            var wasDown = _down.Remove(shard);
            if (!wasDown && !_unreadable.Remove(shard))
            {
                return;
            }

            VolatileShards.Add(-1);
            (_caughtUp, _lost) = (_caughtUp + caughtUp, _lost + lost);
            if (wasDown && _down.Count == 0)
            {
                log.JournalBack(Stopwatch.GetElapsedTime(_since).TotalSeconds, _caughtUp, _lost);
            }
        }
    }
}
