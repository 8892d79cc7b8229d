namespace Passthrough.Decisions.ForestHealth;

/// <summary>What is known of one domain controller from its answers. A controller that failed gets no sign-in until a
/// probe (which carries nobody's password) was answered: a bind that a dead controller swallows costs its user budget.</summary>
/// <param name="FailuresInARow">No verdicts since the last answer. 0: healthy.</param>
/// <param name="ProbeAt">When to probe a controller that failed; without meaning for a healthy one.</param>
public readonly record struct DomainControllerHealth(int FailuresInARow, DateTimeOffset ProbeAt)
{
    /// <summary>The wait before the first probe.</summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait: a controller that comes back is used again within it, and the time of one probe.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    public bool IsHealthy => FailuresInARow == 0;

    /// <summary>It answered: all is forgiven.</summary>
    public static DomainControllerHealth Answered() => default;

    /// <summary>It gave no verdict. The wait doubles with each failure in a row; what fails before it is over belongs to the
    /// same incident and changes nothing, however much was under way.</summary>
    public DomainControllerHealth Failed(DateTimeOffset now)
    {
        if (!IsHealthy && now < ProbeAt)
        {
            return this;
        }

        var wait = FirstWait * Math.Pow(2, Math.Min(FailuresInARow, 10));
        return new(Math.Min(FailuresInARow, int.MaxValue - 1) + 1, now + (wait < LongestWait ? wait : LongestWait));
    }

    public bool IsProbeDue(DateTimeOffset now) => !IsHealthy && now >= ProbeAt;
}
