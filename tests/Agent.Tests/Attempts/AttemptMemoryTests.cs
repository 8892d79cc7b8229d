using Passthrough.Agent.Attempts;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Tests.Attempts;

public class AttemptMemoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_nobody_asks_for_any_more_is_forgotten()
    {
        var memory = new AttemptMemory(100);
        await RunAsync(memory, NewId(), Noon.AddSeconds(8), Noon);
        await RunAsync(memory, NewId(), Noon.AddSeconds(9), Noon);

        await RunAsync(memory, NewId(), Noon.AddSeconds(16), Noon.AddSeconds(8));

        Assert.Equal(2, memory.Count);
    }

    [Fact]
    public async Task A_flood_does_not_make_it_grow()
    {
        var memory = new AttemptMemory(10);
        for (var i = 0; i < 1_000; i++)
        {
            await RunAsync(memory, NewId(), Noon.AddSeconds(8), Noon);
        }

        Assert.InRange(memory.Count, 1, 10);
    }

    [Fact]
    public async Task Of_many_copies_one_runs()
    {
        var memory = new AttemptMemory(10);
        var (id, runs, release) = (NewId(), 0, new TaskCompletionSource());
        var copies = Enumerable.Range(0, 20).Select(_ => Task.Run(() => memory.RunOnceAsync(id, Noon.AddSeconds(8), Noon, async () =>
        {
            Interlocked.Increment(ref runs);
            await release.Task;
            return Answered;
        }))).ToList();
        release.SetResult();

        Assert.All(await Task.WhenAll(copies), outcome => Assert.Same(Answered, outcome));
        Assert.Equal(1, runs);
    }

    private static AttemptOutcome Answered { get; } = new(new AttemptEnding.Answered(Verdict.Success), new AnswerDetail());

    private static AttemptId NewId() => new(Guid.CreateVersion7());

    private static Task<AttemptOutcome> RunAsync(AttemptMemory memory, AttemptId id, DateTimeOffset until, DateTimeOffset now) =>
        memory.RunOnceAsync(id, until, now, () => Task.FromResult(Answered));
}
