namespace Passthrough.Decisions.Monitoring;

/// <summary>The agents of one forest of one tenant, as a gateway sees them.</summary>
/// <param name="Connected">Agents with a stream that takes work.</param>
/// <param name="Usable">Those of them that are well and reach the forest.</param>
/// <param name="Elsewhere">Agents of other instances of the gateway, to which attempts go if no agent here can be used; 0 if one can.</param>
public sealed record ForestAgents(string Tenant, string Forest, int Connected, int Usable, int Elsewhere = 0);

/// <summary>How well the parts of a gateway are.</summary>
public static class GatewayHealth
{
    /// <summary>The database is asked every quarter of a second; so long without an answer is told.</summary>
    public static readonly TimeSpan DatabasePatience = TimeSpan.FromSeconds(5);

    /// <summary>Whether it answered lately.</summary>
    /// <param name="silent">Since its last answer.</param>
    public static bool DatabaseAnswers(TimeSpan silent) => silent < DatabasePatience;

    /// <summary>Without it sign-ins go on by what is in memory: an instance that is taken out for that, and with it all others, helps
    /// nobody. Without anything in memory nobody can be told from a stranger.</summary>
    /// <param name="isRead">Tenants, keys and agents have been read since the start.</param>
    /// <param name="silent">Since its last answer.</param>
    public static Finding Database(bool isRead, TimeSpan silent) =>
        !isRead ? new(HealthState.Unhealthy, "the database has not been read since the start: no tenant is known")
        : DatabaseAnswers(silent) ? Finding.Well("answers")
        : new(
            HealthState.Degraded,
            $"the database has not answered for {ProgramHealth.Length(silent)}: sign-ins go on by what is in memory, a revocation is not noticed");

    /// <summary>A forest without an agent is its tenant's trouble; a gateway is of no use when all are so. What goes through another
    /// instance is served, by a longer way.</summary>
    /// <param name="forests">All that an agent is enrolled for.</param>
    public static Finding Agents(IReadOnlyCollection<ForestAgents> forests)
    {
        var without = forests.Where(each => each.Usable == 0).ToList();
        var lost = without.Count(each => each.Elsewhere == 0);
        return forests.Count == 0 ? Finding.Well("no agent is enrolled")
            : without.Count == 0 ? Finding.Well($"for all of {forests.Count} forests")
            : new(lost == forests.Count ? HealthState.Unhealthy : HealthState.Degraded, string.Join(", ", without.Select(Fault)));
    }

    private static string Fault(ForestAgents each) =>
        (each.Connected == 0 ? $"no agent for {each.Forest} of {each.Tenant} is connected"
            : $"none of the {each.Connected} agents for {each.Forest} of {each.Tenant} reaches it")
        + (each.Elsewhere == 0 ? "" : $" here: sign-ins go through other instances, which have {each.Elsewhere}");
}
