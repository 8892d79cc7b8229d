namespace Passthrough.Decisions.Attempts;

/// <summary>How far an agent can be counted on, best first.</summary>
public enum AgentStanding
{
    /// <summary>It speaks, and says that it is well and reaches the forest.</summary>
    Healthy,

    /// <summary>It says that it is not well, or reaches no domain controller of the forest; that may be some seconds old.</summary>
    Troubled,

    /// <summary>It has not been heard for some time although work of it is unanswered.</summary>
    Suspect,

    /// <summary>It takes no new work.</summary>
    Leaving,
}

/// <summary>What a gateway knows of one agent when it chooses.</summary>
/// <param name="Outstanding">Attempts that it was sent and has not answered.</param>
/// <param name="Credits">Attempts that it takes at once.</param>
/// <param name="Tried">It had this attempt already, and another is to be asked.</param>
public readonly record struct AgentLoad(int Outstanding, int Credits, AgentStanding Standing, bool Tried);

/// <summary>Why no agent was chosen.</summary>
public enum NoChoice
{
    None,

    /// <summary>There is no agent that takes work.</summary>
    NoAgent,

    /// <summary>Each agent had this attempt already.</summary>
    AllTried,

    /// <summary>Each agent has as much work as it takes.</summary>
    NoCredit,
}

/// <summary>Which agent gets an attempt: the best standing first, then the least outstanding work; equals are drawn from.</summary>
public static class AgentChoice
{
    /// <summary>How far an agent can be counted on.</summary>
    /// <param name="leaving">Either side said that it takes no new work on this stream.</param>
    /// <param name="well">As its last heartbeat says, for this forest.</param>
    /// <param name="unheardAtWork">Time since it was last heard, or since it got its first unanswered work if that is later;
    /// zero if nothing is unanswered.</param>
    public static AgentStanding Standing(bool leaving, bool well, TimeSpan unheardAtWork, TimeSpan suspectAfter) =>
        leaving ? AgentStanding.Leaving
        : unheardAtWork >= suspectAfter ? AgentStanding.Suspect
        : well ? AgentStanding.Healthy
        : AgentStanding.Troubled;

    /// <summary>Whether agents that are connected for the same forest are not one cluster: then each cluster counts for itself, and a
    /// guesser has the budget once in each.</summary>
    /// <param name="connected">Agents, not streams.</param>
    /// <param name="members">Nodes of the cluster that one of them is in, as it says; 0 if it does not say.</param>
    public static bool AreApart(int connected, uint members) => members > 0 && connected > members;

    /// <summary>The index of the agent to ask, or -1 and why.</summary>
    /// <param name="draw">A draw from [0, 1), for agents that are equal.</param>
    public static int Choose(ReadOnlySpan<AgentLoad> agents, double draw, out NoChoice why)
    {
        var best = default(AgentLoad);
        var (equals, untried, working) = (0, 0, 0);
        foreach (var agent in agents)
        {
            working += agent.Standing == AgentStanding.Leaving ? 0 : 1;
            untried += agent.Standing == AgentStanding.Leaving || agent.Tried ? 0 : 1;
            if (CanTake(agent))
            {
                var order = equals == 0 ? -1 : Compare(agent, best);
                (best, equals) = order < 0 ? (agent, 1) : (best, order == 0 ? equals + 1 : equals);
            }
        }

        why = equals > 0 ? NoChoice.None
            : working == 0 ? NoChoice.NoAgent
            : untried == 0 ? NoChoice.AllTried
            : NoChoice.NoCredit;
        return equals > 0 ? Nth(agents, best, (int)(draw * equals)) : -1;
    }

    private static bool CanTake(in AgentLoad agent) =>
        agent is { Tried: false, Standing: not AgentStanding.Leaving } && agent.Outstanding < agent.Credits;

    private static int Compare(in AgentLoad one, in AgentLoad other) =>
        one.Standing != other.Standing ? one.Standing.CompareTo(other.Standing) : one.Outstanding.CompareTo(other.Outstanding);

    private static int Nth(ReadOnlySpan<AgentLoad> agents, in AgentLoad best, int n)
    {
        for (var i = 0; i < agents.Length; i++)
        {
            if (CanTake(agents[i]) && Compare(agents[i], best) == 0 && n-- == 0)
            {
                return i;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(n), n, "the draw is not in [0, 1)");
    }
}
