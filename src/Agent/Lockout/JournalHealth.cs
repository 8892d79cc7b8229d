using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Passthrough.Agent.Lockout;

/// <summary>Which shards of this node count in memory because their journal cannot be read or written. Says so once for each
/// outage, however many shards it hits.</summary>
public sealed class JournalHealth(ILogger<JournalHealth> log)
{
    public const string Runbook = "ops/runbooks/journal.md";

    private static readonly Meter Meter = new("Passthrough.Agent");
    private static readonly UpDownCounter<long> VolatileShards = Meter.CreateUpDownCounter<long>("passthrough.agent.volatile_shards");
    private static readonly Counter<long> Outages = Meter.CreateCounter<long>("passthrough.agent.journal_outages");

    private readonly Lock _lock = new();
    private readonly HashSet<string> _down = [];
    private readonly HashSet<string> _unreadable = [];
    private long _since;
    private int _caughtUp;
    private int _lost;
    private bool _isPrepared = true;

    /// <summary>A journal that does not answer for this long is down: a sign-in still has time to end well. It is not given up;
    /// when it answers after all, it catches up. Tests of what is written need a machine that may be slower.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether the database was found to be fit: before that nothing may be written.</summary>
    public bool IsPrepared
    {
        get => Volatile.Read(ref _isPrepared);
        set => Volatile.Write(ref _isPrepared, value);
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

    /// <summary>The shard's ledger stopped before its journal was back.</summary>
    internal void Gone(string shard, int facts) => Ends(shard, caughtUp: 0, lost: facts);

    private void Ends(string shard, int caughtUp, int lost)
    {
        lock (_lock)
        {
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
