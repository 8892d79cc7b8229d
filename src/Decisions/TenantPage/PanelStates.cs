using Passthrough.Decisions.Attempts;
using Passthrough.Decisions.Monitoring;

namespace Passthrough.Decisions.TenantPage;

/// <summary>What a cell says, and how that is.</summary>
/// <param name="State">Null: neither good nor bad.</param>
public readonly record struct Said(string Text, HealthState? State = null);

/// <summary>What was seen of one domain controller in the answers that named it.</summary>
/// <param name="Answers">That a person could be told a result by, in the time that is looked at.</param>
/// <param name="Failures">That ended without one, in the same time.</param>
/// <param name="HasFailedLast">The newest of both is a failure.</param>
public readonly record struct ControllerSeen(int Answers, int Failures, bool HasFailedLast);

/// <summary>What the cells of the tenant page say of what was seen.</summary>
public static class PanelStates
{
    /// <summary>From this share of its credits on, an agent is about to be busy.</summary>
    public const double MostCreditsUsed = 0.9;

    /// <summary>How an agent is.</summary>
    /// <param name="here">Of its stream to this instance, for the best of its forests; null: it has none.</param>
    /// <param name="elsewhere">Addresses of the instances that it has a stream to, as far as this one knows.</param>
    /// <param name="hasConnected">It has been connected to some instance before.</param>
    public static Said Agent(AgentStanding? here, IReadOnlyCollection<string> elsewhere, bool hasConnected) => here switch
    {
        AgentStanding.Healthy => new("connected", HealthState.Healthy),
        AgentStanding.Troubled => new("connected, reaches no forest or is not well", HealthState.Degraded),
        AgentStanding.Suspect => new("silent over work", HealthState.Unhealthy),
        AgentStanding.Leaving => new("leaving", HealthState.Degraded),
        _ when elsewhere.Count > 0 => new($"connected to {string.Join(", ", elsewhere)} only", HealthState.Healthy),
        _ => hasConnected ? new("not connected", HealthState.Unhealthy) : new("never connected", HealthState.Degraded),
    };

    /// <summary>How many of an agent's attempts at once are taken.</summary>
    public static Said Credits(int given, int used) =>
        new($"{Math.Max(0, used)} of {given}", used >= given ? HealthState.Unhealthy : used >= given * MostCreditsUsed ? HealthState.Degraded : null);

    /// <summary>A certificate that its agent renews by itself.</summary>
    public static Said Certificate(DateTimeOffset begins, DateTimeOffset ends, DateTimeOffset now) => new(
        ends <= now ? "ended" : $"{ProgramHealth.Length(now > begins ? now - begins : TimeSpan.Zero)} old, ends in {ProgramHealth.Length(ends - now)}",
        ProgramHealth.Certificate("", begins, ends, now).State);

    /// <summary>When an agent was last heard.</summary>
    /// <param name="interval">Between two heartbeats; after twice that its stream is cut.</param>
    public static Said Heard(TimeSpan silence, TimeSpan interval) =>
        new($"{ProgramHealth.Length(silence)} ago", silence > interval * 2 ? HealthState.Unhealthy : silence > interval * 1.5 ? HealthState.Degraded : null);

    /// <summary>Whether a forest's people can sign in, and whether one machine keeps them from it.</summary>
    public static Said Forest(ForestAgents agents) =>
        agents.Usable > 1 ? new($"by {agents.Usable} of {agents.Connected} agents", HealthState.Healthy)
        : agents.Usable == 1 ? new($"by one of {agents.Connected} agents: nothing takes over if it stops", HealthState.Degraded)
        : agents.Elsewhere > 0 ? new($"through other instances only, by {agents.Elsewhere} agents", HealthState.Degraded)
        : new(agents.Connected == 0 ? "no agent is connected" : $"none of {agents.Connected} agents reaches it", HealthState.Unhealthy);

    /// <summary>How a domain controller answers.</summary>
    public static Said Controller(ControllerSeen seen) =>
        seen.Answers + seen.Failures == 0 ? new("not asked lately")
        : seen.Failures == 0 ? new("answers", HealthState.Healthy)
        : seen.HasFailedLast ? new("did not answer last", HealthState.Unhealthy)
        : new("answers again", HealthState.Degraded);

    /// <summary>How an attempt ended.</summary>
    public static HealthState? Of(Verdict verdict) => verdict.Row().Public switch
    {
        PublicMeaning.SignedIn => HealthState.Healthy,
        PublicMeaning.TryAgainLater => HealthState.Unhealthy,
        _ => verdict is Verdict.SmartLocked or Verdict.SourceBlocked ? HealthState.Degraded : null,
    };
}
