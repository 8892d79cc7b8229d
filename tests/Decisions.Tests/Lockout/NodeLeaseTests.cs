using System.Collections.Immutable;
using CsCheck;
using Passthrough.Decisions.Lockout;

namespace Passthrough.Decisions.Tests.Lockout;

public sealed class NodeLeaseTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(7);
    private static readonly NodeLease None = NodeLease.Of(Margin);
    private static readonly ImmutableHashSet<string> Two = ["b", "c"], Four = ["b", "c", "d", "e"];

    [Fact]
    public void Nobody_has_it_from_the_start_and_who_is_alone_takes_it()
    {
        Assert.False(None.Holds(At(0)));
        Assert.True(None.Ask([], At(0)).Holds(At(0)));
    }

    [Fact]
    public void It_is_shorter_than_the_margin_and_asked_for_more_than_once_in_its_time()
    {
        Assert.True(None.Length < Margin);
        Assert.True(None.Interval * 3 < None.Length);
    }

    [Fact]
    public void It_counts_from_the_question_and_ends_by_itself()
    {
        var lease = None.Ask(Two, At(0)).Hear(1, "b");
        Assert.True(lease.Holds(At(5.9)));
        Assert.False(lease.Holds(At(6)));
        Assert.True(lease.Ask(Two, At(5)).Hear(2, "c").Holds(At(10.9)));
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, true)]
    [InlineData(3, 1, false)]
    [InlineData(3, 2, true)]
    [InlineData(4, 1, false)]
    [InlineData(4, 2, true)]
    public void A_majority_has_more_than_half_of_all_with_itself(int others, int answers, bool holds)
    {
        var names = Enumerable.Range(0, others).Select(number => $"n{number}").ToImmutableHashSet();
        var lease = names.Take(answers).Aggregate(None.Ask(names, At(0)), (next, name) => next.Hear(1, name));
        Assert.Equal(holds, lease.Holds(At(1)));
    }

    [Fact]
    public void Who_was_not_asked_answers_twice_or_answers_another_round_is_not_heard()
    {
        var asked = None.Ask(Four, At(0));
        Assert.False(asked.Hear(1, "b").Hear(1, "b").Holds(At(1)));
        Assert.False(asked.Hear(1, "b").Hear(1, "x").Holds(At(1)));
        Assert.False(asked.Hear(1, "b").Hear(7, "c").Holds(At(1)));
        Assert.False(asked.Hear(1, "b").Ask(Four, At(1)).Hear(2, "c").Holds(At(1)));
    }

    [Fact]
    public void A_late_answer_renews_from_its_own_round_only()
    {
        var lease = None.Ask(Two, At(0)).Ask(Two, At(1)).Ask(Two, At(2)).Hear(1, "b");
        Assert.Equal(At(0), lease.RenewedAt);
        Assert.Equal(At(1), lease.Hear(2, "c").RenewedAt);
        Assert.Equal(At(2), lease.Hear(3, "c").Hear(2, "c").RenewedAt);
    }

    [Fact]
    public void A_clock_that_stood_still_while_the_other_ran_does_not_lengthen_it()
    {
        var lease = None.Ask(Two, At(0)).Hear(1, "b");
        Assert.False(lease.Holds(new(Start, Start + TimeSpan.FromSeconds(30))));
        Assert.False(lease.Holds(new(Start + TimeSpan.FromSeconds(30), Start)));
    }

    /// <summary>A node asks at its pace; others answer, late or never, and from some moment on, which each of a majority chooses for
    /// itself, they have taken it out and answer no more. The shards it had are another's one margin after the first of them knew.</summary>
    [Fact]
    public void When_another_may_own_the_shards_it_holds_no_more() =>
        Assert.Equal(0, Play(lease => lease, (lease, round, member, _) => lease.Hear(round, member)));

    [Fact]
    public void A_lease_that_counts_from_the_answer_or_outlives_the_margin_is_found_out()
    {
        Assert.NotEqual(0, Play(lease => lease, (lease, round, member, at) =>
            lease.Hear(round, member) is var next && next.RenewedAt != lease.RenewedAt ? next.Ask([], at) : next));
        Assert.NotEqual(0, Play(_ => NodeLease.Of(2 * Margin), (lease, round, member, _) => lease.Hear(round, member)));
        Assert.NotEqual(0, Play(lease => lease, (lease, round, member, _) => Four.Aggregate(lease, (next, name) => next.Hear(round, name))));
    }

    private static int Play(Func<NodeLease, NodeLease> start, Func<NodeLease, long, string, NodeLease.Moment, NodeLease> hear)
    {
        var violations = 0;
        Gen.Select(Gen.Int[0, 9_000].Array[4], Gen.Int[0, 12_000].Array[60], Gen.Int[0, 10_000]).Sample((outAt, delays, pause) =>
        {
            // Each of b to e takes it out at a moment of its own; when three of four have, a majority of five can share out what it had.
            var known = outAt.Select(ms => TimeSpan.FromMilliseconds(5_000 + ms)).ToList();
            var first = known.Order().ElementAt(2);
            var others = Four.Order().ToList();
            var (lease, events) = (start(None), new PriorityQueue<(long Round, string Member), TimeSpan>());
            var place = 0;
            for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(40); now += TimeSpan.FromMilliseconds(500))
            {
                var isPaused = now > TimeSpan.FromSeconds(4) && now < TimeSpan.FromMilliseconds(4_000 + pause);
                if (isPaused)
                {
                    continue;
                }

                while (events.TryPeek(out var answer, out var at) && at <= now)
                {
                    events.Dequeue();
                    lease = hear(lease, answer.Round, answer.Member, At(now.TotalSeconds));
                }

                if (lease.Holds(At(now.TotalSeconds)) && now >= first + Margin)
                {
                    violations++;
                    return;
                }

                lease = lease.Ask(Four, At(now.TotalSeconds));
                for (var i = 0; i < others.Count; i++)
                {
                    var arrives = now + TimeSpan.FromMilliseconds(delays[place++ % delays.Length] % 3_000);
                    if (arrives < known[i])
                    {
                        events.Enqueue((lease.Round, others[i]), arrives + TimeSpan.FromMilliseconds(delays[place % delays.Length]));
                    }
                }
            }
        }, iter: 3_000);
        return violations;
    }

    private static NodeLease.Moment At(double seconds) => new(Start + TimeSpan.FromSeconds(seconds), Start + TimeSpan.FromSeconds(seconds));
}
