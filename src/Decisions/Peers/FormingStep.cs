namespace Passthrough.Decisions.Peers;

/// <summary>What an agent that is in no cluster does next.</summary>
public enum FormingStep
{
    /// <summary>Asks the agents that it knows to let it in, and the gateway again.</summary>
    Join,

    /// <summary>Forms a cluster, which others join.</summary>
    Form,
}

/// <summary>The agent's side of <see cref="FormingLeave"/>.</summary>
public static class Forming
{
    /// <summary>Without a gateway no cluster is formed: there is no work without one either.</summary>
    /// <param name="mayForm">What the gateway said; null if none answered.</param>
    /// <param name="age">Since the gateway was asked.</param>
    public static FormingStep Next(bool? mayForm, TimeSpan age) =>
        mayForm == true && age < FormingLeave.LeaveLife ? FormingStep.Form : FormingStep.Join;
}
