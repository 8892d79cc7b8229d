using Passthrough.Decisions.Lockout;

namespace Passthrough.Agent.Lockout;

/// <summary>The lockout policy as it is now: read at each decision, so that a change needs no restart.</summary>
/// <param name="first">Without faults.</param>
public sealed class LockoutPolicies(LockoutPolicy first)
{
    private volatile LockoutPolicy _now = first;

    /// <summary>What is set must have no faults.</summary>
    public LockoutPolicy Now
    {
        get => _now;
        set => _now = value;
    }
}
