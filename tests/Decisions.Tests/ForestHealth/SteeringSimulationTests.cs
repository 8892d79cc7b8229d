using Passthrough.Decisions.ForestHealth;

namespace Passthrough.Decisions.Tests.ForestHealth;

/// <summary>Three controllers under 500 sign-ins a second, one of which becomes slow by 2 s for a while: time is simulated.</summary>
public sealed class SteeringSimulationTests
{
    private const double PerSecond = 500, SlowFrom = 20, SlowUntil = 50, End = 100, Usual = 0.005, Slow = 2;

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(20251123)]
    public void A_slow_controller_loses_its_work_at_once_and_has_it_back_within_30_s(int seed)
    {
        var work = Run(seed);
        Assert.InRange(Share(work, 0, 5, SlowFrom), 0.28, 0.39);

        // Once it has shown that it is slow, nobody waits for it; until then only what it was given before it answered.
        Assert.Equal(0, Share(work, 0, SlowFrom + 5, SlowUntil));
        Assert.InRange(work.Count(each => each.Latency > 1), 1, 40);
        Assert.InRange(Percentile99(work, SlowFrom + 5, SlowUntil), 0, 3 * Percentile99(work, 5, SlowFrom));
        Assert.InRange(Share(work, 0, SlowUntil + 30, End), 0.2, 0.4);
    }

    private static double Share(List<Work> work, int controller, double from, double until)
    {
        var during = work.Where(each => each.At >= from && each.At < until).ToList();
        return (double)during.Count(each => each.Controller == controller) / during.Count;
    }

    private static double Percentile99(List<Work> work, double from, double until)
    {
        var latencies = work.Where(each => each.At >= from && each.At < until).Select(each => each.Latency).Order().ToList();
        return latencies[latencies.Count * 99 / 100];
    }

    private static List<Work> Run(int seed)
    {
        var random = new Random(seed);
        var began = new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);
        var (outstanding, averages, done) = (new int[3], new LatencyAverage[3], new List<Work>());
        var ends = new PriorityQueue<Work, double>();
        var (arrival, probe) = (0.0, 0.0);
        while (arrival < End)
        {
            if (ends.TryPeek(out var ending, out var at) && at <= Math.Min(arrival, probe))
            {
                ends.Dequeue();
                outstanding[ending.Controller]--;
                averages[ending.Controller] = averages[ending.Controller].With(TimeSpan.FromSeconds(ending.Latency), began.AddSeconds(at));
            }
            else if (probe <= arrival)
            {
                for (var controller = 0; controller < 3; controller++)
                {
                    Give(controller, probe);
                }

                probe += 5;
            }
            else
            {
                var candidates = outstanding.Select((count, i) => new Candidate(default, new Placement(), count, averages[i].Micros)).ToArray();
                done.Add(Give(DomainControllerChoice.Choose(candidates, (ulong)random.NextInt64() << 1), arrival));
                arrival -= Math.Log(1 - random.NextDouble()) / PerSecond;
            }
        }

        return done;

        Work Give(int controller, double at)
        {
            var isSlow = controller == 0 && at is >= SlowFrom and < SlowUntil;
            var work = new Work(controller, at, (isSlow ? Slow : 0) - (Usual * Math.Log(1 - random.NextDouble())));
            outstanding[controller]++;
            ends.Enqueue(work, at + work.Latency);
            return work;
        }
    }

    private sealed record Work(int Controller, double At, double Latency);
}
