using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Hosting;

namespace Passthrough.Gateway.Agents;

/// <summary>Finds an agent of a forest that has room, and takes one of its credits.</summary>
public sealed class AgentPicker(GatewayOptions options, TimeProvider time)
{
    /// <summary>Takes a credit of the agent that is chosen; chooses again if another request took its last in between.</summary>
    /// <param name="tried">Agents that are not to be asked again; null: none.</param>
    internal AgentConnection? TryTake(AgentPool pool, string forest, List<string>? tried, out NoChoice why)
    {
        AgentConnection? chosen;
        do
        {
            chosen = Choose(pool.Agents, forest, tried, out why);
        }
        while (chosen is not null && !chosen.TryTake());
        return chosen;
    }

    /// <summary>No agent has room now: waits a moment for one, then gives up.</summary>
    /// <param name="deadline">A timestamp.</param>
    internal async Task<AgentConnection?> WaitAsync(
        AgentPool pool, string forest, List<string>? tried, long deadline, NoChoice why, CancellationToken cancel)
    {
        var until = Left(deadline) - options.Agents.CapacityWait;
        while (why != NoChoice.AllTried && Left(deadline) > HandOver.LeastTime && Left(deadline) > until)
        {
            using var place = pool.Enter();
            if (place is null)
            {
                return null;
            }

            // Once more now that whoever gives a credit back sees this request wait.
            if (TryTake(pool, forest, tried, out why) is { } connection)
            {
                return connection;
            }

            await place.WaitAsync(Left(deadline) - until, time, cancel);
        }

        return TryTake(pool, forest, tried, out _);
    }

    private TimeSpan Left(long deadline) => time.GetElapsedTime(time.GetTimestamp(), deadline);

    private AgentConnection? Choose(ReadOnlySpan<AgentConnection> agents, string forest, List<string>? tried, out NoChoice why)
    {
        const int OnStack = 32;
        Span<AgentLoad> loads = agents.Length <= OnStack ? stackalloc AgentLoad[OnStack] : new AgentLoad[agents.Length];
        for (var i = 0; i < agents.Length; i++)
        {
            loads[i] = agents[i].LoadFor(forest, tried is not null && tried.Contains(agents[i].Agent.Id), options.Agents.SuspectAfter);
        }

        var index = AgentChoice.Choose(loads[..agents.Length], Random.Shared.NextDouble(), out why);
        return index < 0 ? null : agents[index];
    }
}
