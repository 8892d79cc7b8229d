using System.Diagnostics;
using System.Diagnostics.Metrics;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>What is counted of permits, locks and the journal. Labels are members of closed sets.</summary>
internal static class LockoutMeters
{
    private static readonly InstrumentAdvice<double> Write = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    };

    private static readonly Meter Meter = new("Passthrough.Agent.Lockout");
    private static readonly Counter<long> Permits = Meter.CreateCounter<long>(
        "passthrough.agent.permits", "{permit}", "Permits that workers of this agent asked for, by what they were answered");

    private static readonly UpDownCounter<long> PermitsOpen = Meter.CreateUpDownCounter<long>(
        "passthrough.agent.permits.open", "{permit}", "Permits that workers of this agent hold");

    private static readonly Counter<long> Settlements = Meter.CreateCounter<long>(
        "passthrough.agent.settlements", "{permit}", "Permits that workers of this agent settled, by how: succeeded and refunded give charges back");

    private static readonly Counter<long> Locks = Meter.CreateCounter<long>(
        "passthrough.agent.locks", "{lock}", "Locks that began on accounts that live on this agent");

    private static readonly Counter<long> Unlocks = Meter.CreateCounter<long>(
        "passthrough.agent.unlocks", "{lock}", "Accounts that live on this agent and were unlocked by an operator");

    private static readonly UpDownCounter<long> Shards = Meter.CreateUpDownCounter<long>(
        "passthrough.agent.shards", "{shard}", "Shards of accounts that live on this agent");

    private static readonly Counter<long> ShardStarts = Meter.CreateCounter<long>(
        "passthrough.agent.shard.starts", "{shard}", "Shards that began to live on this agent: after its start, those that moved");

    private static readonly Counter<long> ShardHandOffs = Meter.CreateCounter<long>(
        "passthrough.agent.shard.hand_offs", "{shard}", "Shards that this agent gave up while it lived: to balance the cluster, or because it stops");

    private static readonly Counter<long> JournalEvents = Meter.CreateCounter<long>(
        "passthrough.agent.journal.events", "{event}", "Facts that were written to the journal");

    private static readonly Histogram<double> JournalWrites = Meter.CreateHistogram(
        "passthrough.agent.journal.write.duration", "s", "How long a batch took to be stored", tags: null, Write);

    private static readonly Counter<long> Slots = Meter.CreateCounter<long>(
        "passthrough.agent.slots", "{slot}", "Slots that were asked of the journal's database, by what came of it");

    public static void Asked(PermitAnswer answer)
    {
        Permits.Add(1, new KeyValuePair<string, object?>("answer", answer switch
        {
            PermitAnswer.Granted => "granted",
            PermitAnswer.CompareFirst => "compare_first",
            PermitAnswer.Locked => "locked",
            PermitAnswer.TooManyOpen => "too_many_open",
            _ => "unavailable",
        }));
        PermitsOpen.Add(answer is PermitAnswer.Granted ? 1 : 0);
    }

    public static void Settled(Settlement how)
    {
        PermitsOpen.Add(-1);
        Settlements.Add(1, new KeyValuePair<string, object?>("how", how switch
        {
            Settlement.Succeeded => "succeeded",
            Settlement.Failed => "failed",
            _ => "refunded",
        }));
    }

    /// <summary>To be called when measurements are collected. A counter that is first seen with 1 has not grown for those who ask how
    /// much it grew.</summary>
    public static void BeginWithZero()
    {
        Locks.Add(0, Label(SourceClass.Familiar));
        Locks.Add(0, Label(SourceClass.Unfamiliar));
        Unlocks.Add(0);
        ShardHandOffs.Add(0);
    }

    public static void Locked(SourceClass @class) => Locks.Add(1, Label(@class));

    public static void Unlocked() => Unlocks.Add(1);

    public static void ShardStarted()
    {
        Shards.Add(1);
        ShardStarts.Add(1);
    }

    public static void ShardHandedOff() => ShardHandOffs.Add(1);

    public static void ShardStopped() => Shards.Add(-1);

    /// <param name="began">A timestamp of <see cref="Stopwatch"/>.</param>
    public static void Written(int events, long began)
    {
        JournalEvents.Add(events);
        JournalWrites.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <param name="isTaken">Null: the database does not answer.</param>
    public static void SlotAsked(bool? isTaken) =>
        Slots.Add(1, new KeyValuePair<string, object?>("result", isTaken switch { true => "taken", false => "none_left", _ => "no_answer" }));

    private static KeyValuePair<string, object?> Label(SourceClass @class) =>
        new("class", @class == SourceClass.Familiar ? "familiar" : "unfamiliar");
}
