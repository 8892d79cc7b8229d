using Passthrough.Benchmarks.Measurement;

namespace Passthrough.Benchmarks.Load;

/// <summary>Collects what the system under test says about the time of each check, one log for each client.</summary>
internal sealed class StageLog
{
    private readonly List<Timings> _timings = new(capacity: 4096);

    public void Add(Timings timings) => _timings.Add(timings);

    public void Clear() => _timings.Clear();

    public static IReadOnlyList<StageTimes> Summarize(IEnumerable<StageLog> logs)
    {
        var all = logs.SelectMany(log => log._timings).ToArray();
        return
        [
            StageTimes.Of("agent: queue", all.Select(each => each.QueueUs)),
            StageTimes.Of("agent: account lookup", all.Select(each => each.LookupUs)),
            StageTimes.Of("agent: permit", all.Select(each => each.PermitUs)),
            StageTimes.Of("agent: unseal", all.Select(each => each.UnsealUs)),
            StageTimes.Of("agent: bind", all.Select(each => each.BindUs)),
            StageTimes.Of("agent, whole", all.Select(each => each.AgentUs)),
            StageTimes.Of("gateway and stream besides", all.Select(each => each.TotalUs - Math.Min(each.AgentUs, each.TotalUs))),
            StageTimes.Of("gateway, whole", all.Select(each => each.TotalUs)),
        ];
    }
}
