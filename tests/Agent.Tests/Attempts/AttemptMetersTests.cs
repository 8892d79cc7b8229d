using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Passthrough.Agent.Attempts;
using Passthrough.Agent.Lockout;
using Passthrough.Agent.Tests.Support;
using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Lockout;
using Passthrough.Directories;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Attempts;

/// <summary>What is measured of an attempt, what it costs when nobody listens, and what a trace of it holds. Not
/// beside others: meters and listeners are the process's.</summary>
[CollectionDefinition(nameof(AttemptMetersTests), DisableParallelization = true)]
[Collection(nameof(AttemptMetersTests))]
public sealed class AttemptMetersTests
{
    private const string User = "anna-the-traced@corp.example";

    [Fact]
    public async Task An_attempt_is_counted_by_its_forest_and_verdict_and_its_steps_are_timed()
    {
        using var rig = new WorkerRig();
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Passthrough.Agent.Attempts")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, labels, _) => measured.Enqueue(Text(instrument, labels)));
        listener.SetMeasurementEventCallback<double>((instrument, _, labels, _) => measured.Enqueue(Text(instrument, labels)));
        listener.Start();

        using var attempt = rig.Seal(user: User);
        Assert.Equal(Verdict.Success, (await rig.RunAsync(attempt)).Verdict);

        Assert.Contains("passthrough.agent.attempts forest=corp.example verdict=Success", measured);
        Assert.Contains("passthrough.agent.attempt.duration forest=corp.example", measured);
        Assert.Contains("passthrough.agent.attempt.step.duration step=unseal", measured);
        Assert.DoesNotContain(measured, line => line.Contains("anna", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_attempt_that_is_given_back_is_counted_by_its_reason()
    {
        using var rig = new WorkerRig();
        using var counted = new Counted("passthrough.agent.hand_backs");
        rig.OnFind = _ => Task.FromResult<LookupReply>(new LookupReply.NoVerdict(Verdict.NoDomainController));

        using var attempt = rig.Seal(user: User);
        await rig.RunAsync(attempt);

        Assert.Equal(1, counted["forest=corp.example reason=ForestUnreachable"]);
    }

    [Fact]
    public void Measuring_allocates_nothing()
    {
        var detail = new AnswerDetail { QueueUs = 1, LookupUs = 2, PermitUs = 3, UnsealUs = 4, BindUs = 5, TotalUs = 6 };
        AttemptOutcome[] outcomes =
        [
            .. Enum.GetValues<Verdict>().Select(verdict => new AttemptOutcome(new AttemptEnding.Answered(verdict), detail)),
            new AttemptOutcome(new AttemptEnding.HandedBack(HandBackReason.Busy), detail),
        ];
        PermitAnswer granted = new PermitAnswer.Granted(1, 0, TimeSpan.Zero);
        Measure();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Measure();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure()
        {
            foreach (var outcome in outcomes)
            {
                AttemptMeters.Ended("corp.example", outcome);
                LockoutMeters.Asked(granted);
                LockoutMeters.Settled(Settlement.Succeeded);
            }
        }
    }

    [Fact]
    public async Task A_trace_has_the_AttemptId_as_its_id_and_no_name_of_a_person()
    {
        using var rig = new WorkerRig();
        var id = Guid.CreateVersion7();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Passthrough.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        using var attempt = rig.Seal(user: User, id: id);
        Assert.Equal(Verdict.Success, (await rig.RunAsync(attempt)).Verdict);

        var mine = spans.Where(span => span.TraceId.ToHexString() == id.ToString("n")).ToList();
        Assert.Equal(["bind", "lookup", "permit", "validate"], mine.Select(span => span.OperationName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(mine, span => span.TagObjects.Any(tag => $"{tag.Value}".Contains("anna", StringComparison.OrdinalIgnoreCase)));
    }

    private static string Text(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        $"{instrument.Name} {string.Join(' ', labels.ToArray().Select(label => $"{label.Key}={label.Value}"))}".Trim();
}
