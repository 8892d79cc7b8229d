using System.Collections.Immutable;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>The judge is judged: histories as a product without faults makes them pass, and each planted fault is found, whatever the
/// seed.</summary>
public sealed class HistoryCheckerTests
{
    private const int Seeds = 50;

    public static TheoryData<string, string> Plants => new()
    {
        { "a double answer", "2 answers" },
        { "a double answer of one attempt", "two answers of attempt" },
        { "a lost answer", "0 answers" },
        { "a late answer", "late answer" },
        { "a bind without a permit", "bind without a permit" },
        { "a permit used twice", "two binds under permit" },
        { "an answer before the store", "answered before stored" },
        { "a store that never happened", "answered before stored" },
        { "a budget doubled by a partition", "budget exceeded" },
        { "a right password refused", "right password refused" },
        { "a lock without a cause", "right password refused" },
        { "a wrong password accepted", "wrong password accepted" },
        { "a wrong password tried again", "wrong password tried again" },
    };

    [Fact]
    public void What_a_product_without_faults_does_passes()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            Assert.Empty(HistoryChecker.Violations(new MadeHistory(seed).Build()));
        }
    }

    [Theory, MemberData(nameof(Plants))]
    public void A_planted_fault_is_found(string fault, string found)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var made = new MadeHistory(seed);
            made.Plant(fault);
            Assert.Contains(HistoryChecker.Violations(made.Build()), line => line.StartsWith(found, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void What_a_crash_may_lose_is_one_permit_of_a_request_that_was_under_way_and_no_more()
    {
        var made = new MadeHistory(1);
        var (first, second) = (made.Guess(9, stored: false), made.Guess(9, stored: false));
        Assert.Equal(3, HistoryChecker.Violations(made.Build()).Count);
        made.Assume(9, first, first.AddMilliseconds(1));
        Assert.Contains(HistoryChecker.Violations(made.Build()), line => line.StartsWith($"answered before stored: request {made.LastRequest} ", StringComparison.Ordinal));
        made.Assume(9, second, second.AddMilliseconds(1));
        Assert.Empty(HistoryChecker.Violations(made.Build()));
    }

    [Fact]
    public void While_the_journal_is_down_it_may_be_stored_later_but_must_be_stored()
    {
        var made = new MadeHistory(2);
        var at = made.Guess(9, stored: false);
        var outage = made.Build() with { Outages = [new Span(at.AddSeconds(-5), at.AddSeconds(5))] };
        Assert.StartsWith("bind without a permit", Assert.Single(HistoryChecker.Violations(outage)), StringComparison.Ordinal);
        Assert.Empty(HistoryChecker.Violations(outage with { Counted = ImmutableDictionary<int, int>.Empty.Add(9, 1) }));
    }

    [Theory]
    [InlineData(2.9, false), InlineData(3, true)]
    public void What_was_waited_for_in_vain_may_be_tried_again_under_a_permit_of_its_own(double seconds, bool isAllowed)
    {
        var made = new MadeHistory(5);
        var at = made.Guess(9, stored: true);
        var history = made.Build();
        var bind = history.Binds[^1];
        var twice = history with
        {
            Binds = history.Binds.Add(bind with { At = bind.At.AddSeconds(-seconds) }),
            Stored = history.Stored.Add(new Stored(9, ulong.MaxValue, at)),
        };
        Assert.Equal(isAllowed, HistoryChecker.Violations(twice).Count == 0);
        Assert.StartsWith(
            "bind without a permit", Assert.Single(HistoryChecker.Violations(twice with { Stored = history.Stored }), line => !line.Contains("again", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_sign_in_from_elsewhere_begins_the_count_anew_and_gives_one_budget_and_no_more()
    {
        var made = new MadeHistory(4);
        made.Guess(9, stored: true);
        made.Clear(9);
        for (var i = 0; i < MadeHistory.Budget; i++)
        {
            made.Guess(9, stored: true);
        }

        Assert.Empty(HistoryChecker.Violations(made.Build()));
        made.Guess(9, stored: true);
        Assert.StartsWith("budget exceeded: 11 ", Assert.Single(HistoryChecker.Violations(made.Build())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_is_explained_by_binds_that_nobody_answered()
    {
        var made = new MadeHistory(3);
        for (var i = 0; i < MadeHistory.Budget; i++)
        {
            made.SignIn(8, Verdict.DirectoryTimeoutAfterSend, result: null);
        }

        made.SignIn(8, Verdict.SmartLocked, result: null, isBound: false);
        Assert.Empty(HistoryChecker.Violations(made.Build()));
    }
}
