using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Passthrough.Decisions.Dashboard;

namespace Passthrough.Agent.Forests;

/// <summary>How long each domain controller took to answer in the last minutes, as this node saw it: looked at
/// twice in each step, the later look holds.</summary>
internal sealed class LatencyHistory(SiteForests forests, TimeProvider clock) : BackgroundService
{
    /// <summary>Controllers that are no more leave the list with their last value; many more than a site has are not kept.</summary>
    private const int MaxControllers = 500;

    private readonly ConcurrentDictionary<(string Forest, string Name), ImmutableQueue<(long Step, double Ms)>> _kept = new();

    /// <summary>A step in which it did not answer is not known.</summary>
    public IEnumerable<(string Forest, string Name, Course Course)> Read()
    {
        var now = Course.StepOf(clock.GetUtcNow());
        foreach (var ((forest, name), seen) in _kept)
        {
            var values = new double?[Course.Steps];
            foreach (var (step, ms) in seen.Where(each => each.Step <= now && each.Step > now - Course.Steps))
            {
                values[Course.Steps - 1 - (now - step)] = ms;
            }

            if (values.Any(value => value is not null))
            {
                yield return (forest, name, new Course(now, [.. values.SkipWhile(value => value is null)]));
            }
        }
    }

    /// <summary>What every controller that answers takes now.</summary>
    public void Look()
    {
        var now = Course.StepOf(clock.GetUtcNow());
        foreach (var (forest, seen) in forests.Controllers.Where(each => each.Standing is { IsReady: true, LatencyMs: > 0 }).Take(MaxControllers))
        {
            _kept.AddOrUpdate((forest, seen.Name), _ => [(now, seen.LatencyMs)], (_, before) => before.Enqueue((now, seen.LatencyMs)));
        }

        foreach (var (key, before) in _kept)
        {
            var after = before;
            while (!after.IsEmpty && after.Peek().Step <= now - Course.Steps)
            {
                after = after.Dequeue();
            }

            if (after.IsEmpty)
            {
                _kept.TryRemove(key, out _);
            }
            else if (after != before)
            {
                _kept[key] = after;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Course.StepSeconds / 2.0), clock);
        do
        {
            Look();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
