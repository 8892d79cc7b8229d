using Passthrough.Decisions.Attempts;
using Xunit.Abstractions;

namespace Passthrough.Cluster.Tests.Histories;

/// <summary>A disk without room under the journal's database, which is there all the time: it can be read, some of what is written to it still
/// fits, most of it does not, and when its write-ahead log does not, it ends.</summary>
[Collection("lab")]
public sealed class FullDiskFaultHistoryTests(FullDiskFaultHistoryTests.SmallDiskCluster shared, ITestOutputHelper output)
    : FaultHistories(shared, output), IClassFixture<FullDiskFaultHistoryTests.SmallDiskCluster>
{
    [Fact, Trait("needs", "lab")]
    public Task While_the_journals_disk_is_full_right_passwords_go_on_and_afterwards_it_holds_what_was_counted() => FullDiskAsync(1, HalfMinute);

    [Fact, Trait("needs", "minutes")]
    public Task Twenty_full_disks_of_a_minute_lose_no_sign_in_and_no_count() => TimesAsync(run => FullDiskAsync(run, Minute));

    private async Task FullDiskAsync(int run, TimeSpan length)
    {
        var cluster = await Shared.StartAsync();
        var starts = cluster.Journal.Starts;
        var fault = new Fault(FaultKind.FillDisk, 0, Before, length);
        var result = await RunAsync(run, [fault], fault.Until + After);
        Say($"seed {run}: the database was started again {cluster.Journal.Starts - starts} times");
        AssertNone(result.Violations);
        AssertAllSignedIn(result);
        Assert.Contains(result.During(fault), answer => answer.Verdict == Verdict.BadPassword);
        Assert.Contains(cluster.Nodes, node => node.Outages(result.Began).Any());
    }

    public sealed class SmallDiskCluster : SharedCluster
    {
        protected override int Histories => 1 + Runs;

        private protected override Task<FaultCluster> MakeAsync(int people) => FaultCluster.StartAsync(people, hasSmallDisk: true);
    }
}
