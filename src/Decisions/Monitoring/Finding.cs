namespace Passthrough.Decisions.Monitoring;

/// <summary>How well a part of a program is, or all of it.</summary>
public enum HealthState
{
    /// <summary>It does all that it is for.</summary>
    Healthy,

    /// <summary>People sign in; somebody should look.</summary>
    Degraded,

    /// <summary>It is of no use for a sign-in now.</summary>
    Unhealthy,
}

/// <summary>How well one part is.</summary>
/// <param name="Reason">For people, one line; also when all is well. Names machines, forests and times, never a person.</param>
public sealed record Finding(HealthState State, string Reason)
{
    /// <summary>All is well.</summary>
    public static Finding Well(string reason) => new(HealthState.Healthy, reason);

    /// <summary>The worse of the two states, with what each has to say.</summary>
    public Finding And(Finding other) => new(State > other.State ? State : other.State, $"{Reason}; {other.Reason}");
}
