namespace Passthrough.Decisions.Attempts;

/// <summary>When a gateway instance has another one send an attempt: it has no agent that is likely to answer. One that has come from
/// another instance goes to an agent of this one, or back: it is never forwarded again.</summary>
public static class Forwarding
{
    /// <summary>Whether another instance is asked before an agent here.</summary>
    /// <param name="why">Why no agent here was chosen.</param>
    /// <param name="chosen">How far the agent that was chosen here can be counted on; null if none was.</param>
    public static bool ComesFirst(NoChoice why, AgentStanding? chosen) => chosen switch
    {
        // All have enough to do: they are most likely the agents of the other instance too, and it shall not be drawn into this.
        null => why is NoChoice.NoAgent or NoChoice.AllTried,
        { } standing => standing >= AgentStanding.Suspect,
    };
}
