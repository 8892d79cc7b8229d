using System.Collections.Frozen;
using Grpc.Core;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>What one agent says of itself, and what of that is told to people.</summary>
internal sealed class AgentHeartbeats(AgentConnection connection, ILogger log)
{
    private const int MaxForests = 256;
    private const int MaxReason = 500;

    private string _reason = "";
    private bool _isApart;

    /// <exception cref="RpcException">It names more forests than there can be.</exception>
    public void Take(AgentHeartbeat heartbeat)
    {
        if (heartbeat.ReachableForests.Count > MaxForests)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"a heartbeat names at most {MaxForests} forests"));
        }

        connection.Report(heartbeat.Healthy, heartbeat.ReachableForests.ToFrozenSet(StringComparer.OrdinalIgnoreCase));
        CompareCluster(heartbeat.ClusterMembers);
        if (heartbeat.HealthReason != _reason)
        {
            _reason = heartbeat.HealthReason;
            log.AgentHealth(
                connection.Agent.Id, _reason.Length == 0 ? "all is well" : AgentGreeting.Printable(_reason, MaxReason));
        }
    }

    /// <summary>Agents of one forest that are not one cluster count each for itself: told once, when it begins.</summary>
    private void CompareCluster(uint members)
    {
        var connected = connection.Pools.SelectMany(pool => pool.Agents.ToArray()).Select(each => each.Agent.Id).Distinct().Count();
        var isApart = AgentChoice.AreApart(connected, members);
        if (isApart && !_isApart)
        {
            log.AgentApart(connection.Agent.Id, connection.Agent.Name, members, connection.Agent.Tenant, connected);
        }

        _isApart = isApart;
    }
}
