using Passthrough.Decisions.Attempts;
using Passthrough.Gateway.Hosting;
using Passthrough.Gateway.Instances;
using Passthrough.Gateway.Storage;

namespace Passthrough.Gateway.Agents;

/// <summary>Finds an agent of a forest that has room, and takes one of its credits.</summary>
public sealed class AgentPicker(AgentRegistry registry, OtherInstances others, GatewayOptions options, TimeProvider time)
{
    /// <summary>Takes a credit of an agent here; of one of another instance if none here is likely to answer; else waits a moment.</summary>
    /// <param name="tried">Agents that are not to be asked again; null: none.</param>
    /// <param name="deadline">A timestamp.</param>
    /// <returns>No receiver, and why no agent here was chosen at first.</returns>
    internal async ValueTask<(IReceiver? Receiver, NoChoice Why)> TakeAsync(
        TenantRoute route, List<string>? tried, long deadline, CancellationToken cancel)
    {
        var pool = registry.PoolOf(route);
        var here = TryTake(pool, route.Forest, tried, out var why);
        if (Forwarding.ComesFirst(why, here?.LoadFor(route.Forest, tried: false, options.Agents.SuspectAfter).Standing)
            && await TryElsewhereAsync(here, route, tried, cancel) is { } there)
        {
            return (there, why);
        }

        return (here ?? await WaitAsync(pool, route.Forest, tried, deadline, why, cancel), why);
    }

    /// <param name="here">Its credit is given back if another instance has an agent.</param>
    private async Task<IReceiver?> TryElsewhereAsync(AgentConnection? here, TenantRoute route, List<string>? tried, CancellationToken cancel)
    {
        IReceiver? there = null;
        var isOver = true;
        try
        {
            there = await others.TryTakeAsync(route, tried, cancel);
            isOver = there is not null;
        }
        finally
        {
            if (isOver)
            {
                here?.GiveBack();
            }
        }

        return there;
    }

    /// <summary>Takes a credit of the agent that is chosen; chooses again if another request took its last in between.</summary>
    /// <param name="tried">Agents that are not to be asked again; null: none.</param>
    private AgentConnection? TryTake(AgentPool pool, string forest, List<string>? tried, out NoChoice why)
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
    private async Task<AgentConnection?> WaitAsync(
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
