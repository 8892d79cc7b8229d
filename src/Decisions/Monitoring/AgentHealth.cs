namespace Passthrough.Decisions.Monitoring;

/// <summary>One forest of an agent.</summary>
/// <param name="Controllers">Of its root domain: each with whether it gets sign-ins.</param>
public sealed record ForestStanding(string Name, bool IsReachable, IReadOnlyCollection<(string Name, bool IsHealthy)> Controllers);

/// <summary>How well the parts of an agent are.</summary>
public static class AgentHealth
{
    /// <param name="status">This node's, as the cluster has it.</param>
    /// <param name="unreachable">Addresses of members that do not answer.</param>
    /// <param name="heardByMajority">Whether this node may grant from memory; if not, every permit is written first.</param>
    public static Finding Cluster(string status, int members, IReadOnlyCollection<string> unreachable, bool heardByMajority) =>
        status != "up" ? new(HealthState.Unhealthy, $"this node is no member of the cluster: {status}")
        : unreachable.Count > 0 ? new(HealthState.Degraded, $"{unreachable.Count} of {members} members cannot be reached: {string.Join(", ", unreachable)}")
        : !heardByMajority ? new(HealthState.Degraded, "no majority of the cluster answers this node")
        : Finding.Well($"one of {members} {(members == 1 ? "member" : "members")}");

    /// <param name="here">Shards of accounts on this node; null: their region does not answer.</param>
    public static Finding Shards(int? here) => here is { } count
        ? Finding.Well($"{count} shards of accounts are here")
        : new(HealthState.Unhealthy, "the shard region does not answer: no permit is granted here");

    /// <param name="reason">What is wrong with it; empty: nothing.</param>
    public static Finding Journal(bool isPrepared, string reason) =>
        reason.Length > 0 ? new(HealthState.Degraded, reason)
        : isPrepared ? Finding.Well("is written")
        : new(HealthState.Degraded, "the journal's database has not been reached yet");

    /// <summary>One forest that cannot be reached is taken over by peers, if there are any; without any forest an agent is of no use.</summary>
    public static Finding Forests(IReadOnlyCollection<ForestStanding> forests)
    {
        var lost = forests.Where(forest => !forest.IsReachable).Select(forest => $"no domain controller of {forest.Name} answers").ToList();
        var ejected = forests.Where(forest => forest.IsReachable)
            .Select(forest => (forest.Name, Sick: forest.Controllers.Where(each => !each.IsHealthy).Select(each => each.Name).ToList(), forest.Controllers.Count))
            .Where(forest => forest.Sick.Count > 0)
            .Select(forest => $"{forest.Sick.Count} of {forest.Count} domain controllers of {forest.Name} do not answer: {string.Join(", ", forest.Sick)}");
        string[] faults = [.. lost, .. ejected];
        return faults.Length == 0
            ? Finding.Well(string.Join(", ", forests.Select(forest => $"{forest.Name} by {forest.Controllers.Count} domain controllers")))
            : new(lost.Count == forests.Count ? HealthState.Unhealthy : HealthState.Degraded, string.Join(", ", faults));
    }

    /// <param name="streams">Each gateway's address, with why there is no stream to it; empty: there is one.</param>
    public static Finding Streams(IReadOnlyCollection<(string Gateway, string Fault)> streams)
    {
        var faults = streams.Where(stream => stream.Fault.Length > 0).Select(stream => $"no stream to {stream.Gateway}: {stream.Fault}").ToList();
        return faults.Count == 0 ? Finding.Well($"to {string.Join(", ", streams.Select(stream => stream.Gateway))}")
            : new(faults.Count == streams.Count ? HealthState.Unhealthy : HealthState.Degraded, string.Join(", ", faults));
    }
}
