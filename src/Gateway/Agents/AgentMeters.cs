using System.Diagnostics.Metrics;

namespace Passthrough.Gateway.Agents;

/// <summary>What is counted of agents and attempts.</summary>
internal static class AgentMeters
{
    private static readonly Meter Meter = new("Passthrough.Gateway");

    /// <summary>Requests that had their outcome, by verdict.</summary>
    public static readonly Counter<long> Outcomes = Meter.CreateCounter<long>("passthrough.gateway.outcomes");

    /// <summary>Sendings of an attempt to an agent, by how they ended.</summary>
    public static readonly Counter<long> Dispatches = Meter.CreateCounter<long>("passthrough.gateway.dispatches");

    /// <summary>Attempts on locked accounts that were refused here, without asking an agent.</summary>
    public static readonly Counter<long> KeptLocks = Meter.CreateCounter<long>("passthrough.gateway.kept_locks");

    /// <summary>Answers that no agent can have given which opened the attempt. Anything but zero is an alarm.</summary>
    public static readonly Counter<long> ForgedAnswers = Meter.CreateCounter<long>("passthrough.gateway.forged_answers");

    /// <summary>Answers that came when nobody waited for them any more.</summary>
    public static readonly Counter<long> LateAnswers = Meter.CreateCounter<long>("passthrough.gateway.late_answers");
}
