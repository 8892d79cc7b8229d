using System.Collections.Concurrent;
using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Agents;

/// <summary>The agents that are connected to this gateway. Each forest has a pool with one stream of each agent, its newest;
/// older streams only finish what they have.</summary>
public sealed class AgentRegistry : IDisposable
{
    /// <summary>Streams of one agent at once: while it renews its certificate there are two. More than so many are cut, oldest
    /// first.</summary>
    private const int MaxStreams = 4;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<TenantRoute, AgentPool> _pools = new();
    private readonly Dictionary<string, List<AgentConnection>> _live = [];

    /// <summary>Of agents that were here and have gone, until they are revoked.</summary>
    private readonly Dictionary<string, (AgentFacts Facts, DateTimeOffset HeardAt)> _gone = [];
    private readonly TenantDirectory _directory;
    private readonly ILogger<AgentRegistry> _log;
    private bool _closing;

    public AgentRegistry(TenantDirectory directory, ILogger<AgentRegistry> log)
    {
        (_directory, _log) = (directory, log);
        directory.Replaced += Follow;
    }

    /// <summary>Agents with at least one stream.</summary>
    public int ConnectedAgents
    {
        get
        {
            lock (_gate)
            {
                return _live.Count;
            }
        }
    }

    /// <summary>How the agents of one forest are that are connected here.</summary>
    internal IReadOnlyList<AgentStanding> StandingsOf(TenantRoute route, TimeSpan suspectAfter) => _pools.TryGetValue(route, out var pool)
        ? [.. pool.Agents.ToArray().Select(agent => agent.LoadFor(route.Forest, tried: false, suspectAfter).Standing)] : [];

    /// <summary>Attempts that the agents of one forest take at once that are connected here, and how many they have.</summary>
    internal (int Given, int Used) CreditsOf(TenantRoute route) => _pools.TryGetValue(route, out var pool)
        ? (pool.Agents.ToArray().Sum(agent => agent.Credits), pool.Agents.ToArray().Sum(agent => agent.Outstanding)) : default;

    /// <summary>The newest stream of each agent of a tenant that is connected here.</summary>
    internal IReadOnlyList<AgentConnection> ConnectedOf(string tenant)
    {
        lock (_gate)
        {
            return [.. _live.Values.Select(streams => streams[^1]).Where(connection => connection.Agent.Tenant == tenant)];
        }
    }

    /// <summary>What was known of an agent when its last stream here ended, and when it was heard last; null: it was never here.</summary>
    internal (AgentFacts Facts, DateTimeOffset HeardAt)? LastSeen(string agentId)
    {
        lock (_gate)
        {
            return _gone.TryGetValue(agentId, out var seen) ? seen : null;
        }
    }

    internal AgentPool PoolOf(TenantRoute route) => _pools.GetOrAdd(route, static _ => new AgentPool());

    /// <summary>Null if no agent of the forest has ever been here.</summary>
    internal AgentPool? FindPool(TenantRoute route) => _pools.GetValueOrDefault(route);

    /// <summary>From now on this stream gets the agent's work, and its older ones no more. False if the agent was revoked in the
    /// meantime, or this gateway is closing.</summary>
    internal bool TryAdd(AgentConnection connection)
    {
        var agent = connection.Agent;
        var pools = agent.Forests.Select(forest => PoolOf(new TenantRoute(agent.Tenant, forest))).ToList();
        lock (_gate)
        {
            if (_closing || _directory.Now.IsRevoked(agent.Id))
            {
                return false;
            }

            if (!_live.TryGetValue(agent.Id, out var streams))
            {
                _live[agent.Id] = streams = [];
            }

            connection.Pools = pools;
            pools.ForEach(pool => pool.Add(connection));
            foreach (var older in streams)
            {
                Retire(older);
            }

            streams.Add(connection);

            // It may have changed since the welcome was written.
            connection.TellPolicy(_directory.Now.PolicyOf(agent.Tenant));
            if (streams.Count > MaxStreams)
            {
                streams[0].Abort();
            }
        }

        return true;
    }

    /// <summary>The stream has ended.</summary>
    internal void Remove(AgentConnection connection)
    {
        lock (_gate)
        {
            Retire(connection);
            if (_live.TryGetValue(connection.Agent.Id, out var streams) && streams.Remove(connection) && streams.Count == 0)
            {
                _live.Remove(connection.Agent.Id);
                _gone[connection.Agent.Id] = (connection.Facts, connection.HeardAt);
            }
        }
    }

    /// <summary>No stream is added any more; those that there are.</summary>
    internal IReadOnlyList<AgentConnection> Close()
    {
        lock (_gate)
        {
            _closing = true;
            return [.. _live.Values.SelectMany(streams => streams)];
        }
    }

    public void Dispose() => _directory.Replaced -= Follow;

    private static void Retire(AgentConnection connection)
    {
        connection.Leave();
        foreach (var pool in connection.Pools)
        {
            pool.Remove(connection);
        }
    }

    private void Follow(TenantSnapshot now)
    {
        CutRevoked(now);
        lock (_gate)
        {
            foreach (var connection in _live.Values.SelectMany(streams => streams))
            {
                connection.TellPolicy(now.PolicyOf(connection.Agent.Tenant));
            }
        }
    }

    private void CutRevoked(TenantSnapshot now)
    {
        List<AgentConnection> revoked;
        lock (_gate)
        {
            revoked = [.. _live.Values.SelectMany(streams => streams).Where(c => now.IsRevoked(c.Agent.Id))];
            revoked.ForEach(Retire);
            foreach (var id in _gone.Keys.Where(now.IsRevoked))
            {
                _gone.Remove(id);
            }
        }

        foreach (var connection in revoked)
        {
            _log.RevokedAgentCut(connection.Agent.Id, connection.Agent.Name);
            connection.Abort();
        }
    }
}
