using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Routing;

/// <summary>Whether an attempt that a gateway sent for a forest is looked up there.</summary>
/// <param name="Rule">Which rule said so, for those who may know: one word, and the name that matched if one did.</param>
public readonly record struct AttemptRoute(bool GoesOn, string Rule)
{
    /// <summary>The gateway chose the forest by what it was told; the agent asks its own table, which is nearer to the
    /// directory.</summary>
    /// <param name="route">Where the name's suffix leads by the agent's table.</param>
    /// <param name="forest">DNS name of the forest that the attempt is for.</param>
    /// <param name="hasAlternateIds">People of the forest sign in by other attributes too, whose suffixes no directory
    /// lists.</param>
    public static AttemptRoute Of(TypedName name, Route route, string forest, bool hasAlternateIds)
    {
        if (name.Form == NameForm.Bare)
        {
            // A gateway sends it only if its tenant has no other forest.
            return new(true, "bare-name");
        }

        return route switch
        {
            { Outcome: RouteOutcome.Routed, Claim: { } claim } when claim.Forest.Equals(forest, StringComparison.OrdinalIgnoreCase) =>
                new(true, claim.Told),
            { Outcome: RouteOutcome.Routed } => new(false, "other-forest"),
            { Outcome: RouteOutcome.Conflict } => new(false, "conflict"),
            { Outcome: RouteOutcome.Excluded } => new(false, "excluded"),
            { Outcome: RouteOutcome.Disabled } => new(false, "disabled"),
            _ => hasAlternateIds ? new(true, "alternate-id") : new(false, "no-match"),
        };
    }
}
