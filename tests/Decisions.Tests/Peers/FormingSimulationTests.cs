using Passthrough.Decisions.Peers;

namespace Passthrough.Decisions.Tests.Peers;

/// <summary>Five agents start, crash, start again and are cut off from each other in any order; questions and answers are lost and
/// late; the gateway crashes, or its database does, and what it kept is there again afterwards. There are never two clusters.</summary>
public sealed class FormingSimulationTests
{
    private const int Runs = 400, Seconds = 600;

    /// <summary>Each forgets one part of the rule.</summary>
    private static readonly Dictionary<string, Asking> Planted = new()
    {
        ["a leave is nobody's own"] = (book, question, enrolled, now) => FormingLeave.Ask(
            book with { Reports = book.Reports.ToImmutableReports(report => report with { GrantedAt = null }) }, question, enrolled, now),
        ["a member is forgotten after one question"] = (book, question, enrolled, now) => FormingLeave.Ask(
            book with { Reports = book.Reports.ToImmutableReports(report => report with { At = report.At - FormingLeave.ReportLife + TimeSpan.FromSeconds(9) }) },
            question, enrolled, now),
        ["a gateway that starts knows all"] = (book, question, enrolled, now) => FormingLeave.Ask(
            book with { StartedAt = DateTimeOffset.MinValue }, question, enrolled, now),
        ["only who has asked is a peer"] = (book, question, _, now) => FormingLeave.Ask(book, question, book.Reports.Keys, now),
        ["a leave is over in five seconds"] = (book, question, enrolled, now) => FormingLeave.Ask(
            book with { Reports = book.Reports.ToImmutableReports(report => report with { GrantedAt = report.GrantedAt - FormingLeave.GrantLife + TimeSpan.FromSeconds(5) }) },
            question, enrolled, now),
    };

    public static TheoryData<string> Faults => [.. Planted.Keys];

    [Fact]
    public void There_are_never_two_clusters()
    {
        var formed = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var world = new FormingWorld(seed, FormingLeave.Ask);
            Assert.True(world.Run(Seconds), $"seed {seed}, second {world.Second}: two clusters");
            formed += world.Formed;
        }

        // Something was tried: clusters were formed, lost and formed again.
        Assert.True(formed > Runs, $"{formed}");
    }

    [Fact]
    public void Agents_that_are_left_alone_are_one_cluster_within_two_minutes()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var world = new FormingWorld(seed, FormingLeave.Ask) { IsQuiet = true };
            Assert.True(world.Run(120));
            Assert.True(world.IsOne, $"seed {seed}");
        }
    }

    [Theory, MemberData(nameof(Faults))]
    public void A_rule_with_a_fault_is_found_out(string fault) =>
        Assert.Contains(Enumerable.Range(0, Runs), seed => !new FormingWorld(seed, Planted[fault]).Run(Seconds));

    [Fact]
    public void A_book_that_is_taken_up_after_an_outage_as_if_there_had_been_none_is_found_out() =>
        Assert.Contains(Enumerable.Range(0, Runs), seed => !new FormingWorld(seed, FormingLeave.Ask, (kept, _, _) => kept).Run(Seconds));
}
