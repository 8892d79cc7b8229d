using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Gateway.Agents;

/// <summary>What is counted of agents and attempts.</summary>
internal static class AgentMeters
{
    private static readonly Meter Meter = new("Passthrough.Gateway");

    /// <summary>Without the wait that hides a refusal's length: from a kept lock to the longest deadline.</summary>
    private static readonly InstrumentAdvice<double> Whole = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
    };

    private static readonly Counter<long> Outcomes = Meter.CreateCounter<long>(
        "passthrough.gateway.outcomes", "{attempt}", "Requests that had their outcome, by verdict");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "passthrough.gateway.attempt.duration", "s", "From a request to its outcome", tags: null, Whole);

    public static readonly Counter<long> Forwarded = Meter.CreateCounter<long>(
        "passthrough.gateway.forwarded", "{request}", "Attempts and questions for names that went to an agent of another instance");

    private static readonly Counter<long> Dispatches = Meter.CreateCounter<long>(
        "passthrough.gateway.dispatches", "{sending}", "Sendings of an attempt to an agent, by how they ended");

    private static readonly Counter<long> Redispatches = Meter.CreateCounter<long>(
        "passthrough.gateway.redispatches", "{sending}", "Attempts that were to be sent to an agent once more, by how the sending before had ended");

    public static readonly Counter<long> KeptLocks = Meter.CreateCounter<long>(
        "passthrough.gateway.kept_locks", "{attempt}", "Attempts on locked accounts that were refused here, without asking an agent");

    public static readonly Counter<long> ForgedAnswers = Meter.CreateCounter<long>(
        "passthrough.gateway.forged_answers", "{answer}", "Answers that no agent can have given which opened the attempt: anything but zero is an alarm");

    public static readonly Counter<long> LateAnswers = Meter.CreateCounter<long>(
        "passthrough.gateway.late_answers", "{answer}", "Answers that came when nobody waited for them any more");

    private static readonly FrozenDictionary<Verdict, string> Verdicts = Names<Verdict>();
    private static readonly FrozenDictionary<DispatchEnd, string> Ends = Names<DispatchEnd>();

    /// <summary>To be called when measurements are collected. A counter that is first seen with 1 has not grown for those who ask how
    /// much it grew.</summary>
    public static void BeginWithZero()
    {
        foreach (var verdict in Verdicts.Values)
        {
            Outcomes.Add(0, new KeyValuePair<string, object?>("verdict", verdict));
        }

        foreach (var counter in (Counter<long>[])[Forwarded, KeptLocks, ForgedAnswers, LateAnswers])
        {
            counter.Add(0);
        }
    }

    public static void Ended(Verdict verdict, TimeSpan took)
    {
        Outcomes.Add(1, new KeyValuePair<string, object?>("verdict", Verdicts[verdict]));
        Duration.Record(took.TotalSeconds);
    }

    public static void Sent(DispatchEnd end) => Dispatches.Add(1, new KeyValuePair<string, object?>("end", Ends[end]));

    public static void SentAgain(DispatchEnd after) => Redispatches.Add(1, new KeyValuePair<string, object?>("after", Ends[after]));

    /// <summary>Once, so that no text is made for each attempt.</summary>
    private static FrozenDictionary<T, string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Distinct().ToFrozenDictionary(value => value, value => value.ToString());
}
