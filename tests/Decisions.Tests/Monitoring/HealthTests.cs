using Passthrough.Decisions.Monitoring;
using static Passthrough.Decisions.Monitoring.HealthState;

namespace Passthrough.Decisions.Tests.Monitoring;

/// <summary>Which state of a part is well, worth a look, or of no use for a sign-in.</summary>
public class HealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("up", 3, 0, true, Healthy, "one of 3 members")]
    [InlineData("up", 1, 0, true, Healthy, "one of 1 member")]
    [InlineData("up", 3, 1, true, Degraded, "1 of 3 members cannot be reached: node-0")]
    [InlineData("up", 3, 0, false, Degraded, "no majority of the cluster answers this node")]
    [InlineData("up", 3, 2, false, Degraded, "2 of 3 members cannot be reached: node-0, node-1")]
    [InlineData("joining", 3, 0, true, Unhealthy, "this node is no member of the cluster: joining")]
    [InlineData("leaving", 3, 0, true, Unhealthy, "this node is no member of the cluster: leaving")]
    [InlineData("removed", 0, 0, false, Unhealthy, "this node is no member of the cluster: removed")]
    public void A_cluster(string status, int members, int unreachable, bool heard, HealthState state, string reason) =>
        Assert.Equal(
            new Finding(state, reason),
            AgentHealth.Cluster(status, members, [.. Enumerable.Range(0, unreachable).Select(i => $"node-{i}")], heard));

    [Theory]
    [InlineData(0, Healthy)]
    [InlineData(100, Healthy)]
    [InlineData(null, Unhealthy)]
    public void Shards(int? here, HealthState state) => Assert.Equal(state, AgentHealth.Shards(here).State);

    [Theory]
    [InlineData(true, "", Healthy)]
    [InlineData(true, "the journal is down: 3 shards count in memory", Degraded)]
    [InlineData(false, "", Degraded)]
    [InlineData(false, "the journal is down", Degraded)]
    public void A_journal_that_is_down_keeps_nobody_from_signing_in(bool isPrepared, string reason, HealthState state) =>
        Assert.Equal(state, AgentHealth.Journal(isPrepared, reason).State);

    [Theory]
    [InlineData("a:dc1+dc2+", Healthy, "a by 2 domain controllers")]
    [InlineData("a:dc1+dc2-", Degraded, "1 of 2 domain controllers of a do not answer: dc2")]
    [InlineData("a:dc1-dc2-", Unhealthy, "no domain controller of a answers")]
    [InlineData("a:", Unhealthy, "no domain controller of a answers")]
    [InlineData("a:dc1+ b:dc2-", Degraded, "no domain controller of b answers")]
    [InlineData("a:dc1+dc3- b:dc2-", Degraded, "no domain controller of b answers, 1 of 2 domain controllers of a do not answer: dc3")]
    [InlineData("a:dc1- b:dc2-", Unhealthy, "no domain controller of a answers, no domain controller of b answers")]
    public void Forests(string text, HealthState state, string reason) =>
        Assert.Equal(new Finding(state, reason), AgentHealth.Forests([.. text.Split(' ').Select(Forest)]));

    [Theory]
    [InlineData("g1", Healthy, "to g1")]
    [InlineData("g1 g2", Healthy, "to g1, g2")]
    [InlineData("g1 g2!refused", Degraded, "no stream to g2: refused")]
    [InlineData("g1!refused", Unhealthy, "no stream to g1: refused")]
    [InlineData("g1!silent g2!refused", Unhealthy, "no stream to g1: silent, no stream to g2: refused")]
    public void Streams(string text, HealthState state, string reason) =>
        Assert.Equal(
            new Finding(state, reason),
            AgentHealth.Streams([.. text.Split(' ').Select(stream => stream.Split('!')).Select(parts => (parts[0], parts.ElementAtOrDefault(1) ?? ""))]));

    [Theory]
    [InlineData(0, 24, Healthy)]
    [InlineData(-12, 12, Healthy)]
    [InlineData(-16.7, 7.3, Healthy)]
    [InlineData(-16.9, 7.1, Degraded)]
    [InlineData(-24, 0, Unhealthy)]
    [InlineData(-25, -1, Unhealthy)]
    [InlineData(1, 25, Degraded)]
    public void A_certificate_that_renews_itself(double beginsInHours, double endsInHours, HealthState state) =>
        Assert.Equal(state, ProgramHealth.Certificate("x", Now.AddHours(beginsInHours), Now.AddHours(endsInHours), Now).State);

    [Theory]
    [InlineData(15, Healthy, "x ends at 2026-06-16 12:00:00Z, in 15 d")]
    [InlineData(13, Degraded, "x ends at 2026-06-14 12:00:00Z, in 13 d: replace it")]
    [InlineData(0, Unhealthy, "x ended at 2026-06-01 12:00:00Z")]
    public void A_certificate_that_people_replace(int endsInDays, HealthState state, string reason) =>
        Assert.Equal(
            new Finding(state, reason), ProgramHealth.Certificate("x", Now.AddDays(-80), Now.AddDays(endsInDays), Now, TimeSpan.FromDays(14)));

    [Theory]
    [InlineData(new double[0], Healthy, "nobody has told the time")]
    [InlineData(new double[] { 0, 30, -30 }, Healthy, "agrees with c0, c1, c2 to 30 s")]
    [InlineData(new double[] { 31 }, Degraded, "this machine's clock is 31 s ahead of c0: set one of them")]
    [InlineData(new double[] { 0, -7200 }, Degraded, "this machine's clock is 2 h behind c1: set one of them")]
    public void A_clock(double[] aheadSeconds, HealthState state, string reason) =>
        Assert.Equal(new Finding(state, reason), ProgramHealth.Clock([.. aheadSeconds.Select((ahead, i) => ($"c{i}", TimeSpan.FromSeconds(ahead)))]));

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 100, 200, 0)]
    [InlineData(0, 0, 200, 0)]
    [InlineData(0, 200, 200, 0)]
    [InlineData(100, 60, 101, 40)]
    [InlineData(100, 141, 101, -40)]
    public void A_slow_answer_is_no_difference_of_clocks(int asked, int told, int answered, int ahead) =>
        Assert.Equal(TimeSpan.FromSeconds(ahead), ProgramHealth.Ahead(Now.AddSeconds(asked), Now.AddSeconds(told), Now.AddSeconds(answered)));

    [Theory]
    [InlineData(false, false, Unhealthy)]
    [InlineData(true, false, Healthy)]
    [InlineData(true, true, Unhealthy)]
    [InlineData(false, true, Unhealthy)]
    public void Only_between_start_and_stop_is_there_work(bool isStarted, bool isStopping, HealthState state) =>
        Assert.Equal(state, ProgramHealth.Life(isStarted, isStopping).State);

    [Theory]
    [InlineData("", Healthy, "no agent is enrolled")]
    [InlineData("2/2", Healthy, "for all of 1 forests")]
    [InlineData("2/1", Healthy, "for all of 1 forests")]
    [InlineData("2/0", Unhealthy, "none of the 2 agents for f0 of t reaches it")]
    [InlineData("0/0", Unhealthy, "no agent for f0 of t is connected")]
    [InlineData("1/1 0/0", Degraded, "no agent for f1 of t is connected")]
    [InlineData("1/0 0/0", Unhealthy, "none of the 1 agents for f0 of t reaches it, no agent for f1 of t is connected")]
    [InlineData("0/0/2", Degraded, "no agent for f0 of t is connected here: sign-ins go through other instances, which have 2")]
    [InlineData("1/0/1", Degraded, "none of the 1 agents for f0 of t reaches it here: sign-ins go through other instances, which have 1")]
    [InlineData("0/0/1 0/0", Degraded, "no agent for f0 of t is connected here: sign-ins go through other instances, which have 1, no agent for f1 of t is connected")]
    public void The_agents_of_a_gateway(string text, HealthState state, string reason) =>
        Assert.Equal(
            new Finding(state, reason),
            GatewayHealth.Agents([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((each, i) =>
                new ForestAgents("t", $"f{i}", each[0] - '0', each[2] - '0', each.Length > 3 ? each[4] - '0' : 0))]));

    [Theory]
    [InlineData(true, 0, Healthy, "answers")]
    [InlineData(true, 4.9, Healthy, "answers")]
    [InlineData(true, 5, Degraded, "the database has not answered for 5 s: sign-ins go on by what is in memory, a revocation is not noticed")]
    [InlineData(true, 864000, Degraded, "the database has not answered for 10 d: sign-ins go on by what is in memory, a revocation is not noticed")]
    [InlineData(false, 0, Unhealthy, "the database has not been read since the start: no tenant is known")]
    [InlineData(false, 60, Unhealthy, "the database has not been read since the start: no tenant is known")]
    public void A_database_that_is_down_keeps_nobody_from_signing_in_whom_the_gateway_knows(bool isRead, double silent, HealthState state, string reason) =>
        Assert.Equal(new Finding(state, reason), GatewayHealth.Database(isRead, TimeSpan.FromSeconds(silent)));

    [Fact]
    public void The_worst_part_is_the_exit_code_and_comes_first()
    {
        var (well, look, dead) = (Finding.Well("fine"), new Finding(Degraded, "one is slow"), new Finding(Unhealthy, "none answers"));

        Assert.Equal(new CheckResult(0, "OK - n: all of a, b well"), CheckResult.Of("n", [("a", well), ("b", well)]));
        Assert.Equal(new CheckResult(1, "WARNING - n: b: one is slow"), CheckResult.Of("n", [("a", well), ("b", look)]));
        Assert.Equal(new CheckResult(2, "CRITICAL - n: c: none answers; b: one is slow"), CheckResult.Of("n", [("a", well), ("b", look), ("c", dead)]));
        Assert.Equal(2, CheckResult.Dead("n", "gone").ExitCode);
        Assert.Equal(3, CheckResult.Unknown("n", "off").ExitCode);
        Assert.Equal(new Finding(Unhealthy, "one is slow; none answers"), look.And(dead));
    }

    private static ForestStanding Forest(string text)
    {
        var (name, controllers) = (text[0].ToString(), text[2..]);
        var each = controllers.Chunk(4).Select(one => (new string(one[..3]), one[3] == '+')).ToList();
        return new ForestStanding(name, each.Exists(one => one.Item2), each);
    }
}
