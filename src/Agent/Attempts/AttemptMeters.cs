using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire.Sealing;

namespace Passthrough.Agent.Attempts;

/// <summary>What is counted and timed of attempts. Nobody can choose a label: they are verdicts, reasons, and forests of the
/// configuration. Without a listener it costs a look at a flag; never an allocation.</summary>
internal static class AttemptMeters
{
    private const string OtherForest = "other";

    /// <summary>From what a warm bind takes to the longest deadline.</summary>
    private static readonly InstrumentAdvice<double> Whole = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>A seal is opened in microseconds.</summary>
    private static readonly InstrumentAdvice<double> Part = new()
    {
        HistogramBucketBoundaries = [0.00001, 0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly Meter Meter = new("Passthrough.Agent.Attempts");
    private static readonly Counter<long> Answered = Meter.CreateCounter<long>(
        "passthrough.agent.attempts", "{attempt}", "Attempts that were answered");

    private static readonly Counter<long> HandedBack = Meter.CreateCounter<long>(
        "passthrough.agent.hand_backs", "{attempt}", "Attempts that were given back to the gateway without a bind");

    private static readonly Counter<long> HandedOver = Meter.CreateCounter<long>(
        "passthrough.agent.hand_overs", "{attempt}", "Attempts that were handed to a peer because their forest could not be reached from here");

    private static readonly Counter<long> NotUnsealed = Meter.CreateCounter<long>(
        "passthrough.agent.not_unsealed", "{attempt}", "Attempts whose envelope was not accepted");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "passthrough.agent.attempt.duration", "s", "From the stream to the answer", tags: null, Whole);

    private static readonly Histogram<double> StepDuration = Meter.CreateHistogram(
        "passthrough.agent.attempt.step.duration", "s", "Parts of that: queue, lookup, permit, unseal, bind", tags: null, Part);

    private static readonly FrozenDictionary<Verdict, string> Verdicts = Names<Verdict>();
    private static readonly FrozenDictionary<HandBackReason, string> Reasons = Names<HandBackReason>();
    private static readonly FrozenDictionary<UnwrapFault, string> Faults = Names<UnwrapFault>();

    /// <param name="forest">As the configuration names it; null: none of this agent's.</param>
    /// <returns>The outcome.</returns>
    public static AttemptOutcome Ended(string? forest, AttemptOutcome outcome)
    {
        var (ending, detail) = outcome;
        if (!Answered.Enabled && !HandedBack.Enabled && !Duration.Enabled)
        {
            return outcome;
        }

        var of = new KeyValuePair<string, object?>("forest", forest ?? OtherForest);
        switch (ending)
        {
            case AttemptEnding.Answered answered:
                Answered.Add(1, of, new("verdict", Verdicts[answered.Verdict]));
                break;
            case AttemptEnding.HandedBack back:
                HandedBack.Add(1, of, new("reason", Reasons[back.Reason]));
                break;
        }

        Duration.Record(detail.TotalUs / 1e6, of);
        Step("queue", detail.QueueUs);
        Step("lookup", detail.LookupUs);
        Step("permit", detail.PermitUs);
        Step("unseal", detail.UnsealUs);
        Step("bind", detail.BindUs);
        return outcome;
    }

    public static void WasHandedOver() => HandedOver.Add(1);

    public static void WasNotUnsealed(UnwrapFault fault) => NotUnsealed.Add(1, new KeyValuePair<string, object?>("fault", Faults[fault]));

    /// <param name="microseconds">0: it did not come to that.</param>
    private static void Step(string name, uint microseconds)
    {
        if (microseconds > 0)
        {
            StepDuration.Record(microseconds / 1e6, new KeyValuePair<string, object?>("step", name));
        }
    }

    /// <summary>Once, so that no text is made for each attempt.</summary>
    private static FrozenDictionary<T, string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Distinct().ToFrozenDictionary(value => value, value => value.ToString());
}
