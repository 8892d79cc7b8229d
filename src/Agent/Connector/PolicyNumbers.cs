using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>The lockout policy as it crosses the wire and lies in files: the numbers that were set.</summary>
internal static class PolicyNumbers
{
    /// <summary>What was set, over a policy that says the rest. May have faults.</summary>
    public static LockoutPolicy Over(LockoutNumbers set, LockoutPolicy rest) => rest with
    {
        Budget = set.HasBudget ? (int)Math.Min(set.Budget, int.MaxValue) : rest.Budget,
        LockTime = set.HasLockTimeMs ? Time(set.LockTimeMs) : rest.LockTime,
        LongestLock = set.HasLongestLockMs ? Time(set.LongestLockMs) : rest.LongestLock,
        PermitLifetime = set.HasPermitLifetimeMs ? Time(set.PermitLifetimeMs) : rest.PermitLifetime,
        FailureMemory = set.HasFailureMemoryMs ? Time(set.FailureMemoryMs) : rest.FailureMemory,
        SourceMemory = set.HasSourceMemoryMs ? Time(set.SourceMemoryMs) : rest.SourceMemory,
    };

    /// <summary>A time that is longer than any can be is out of every range all the same.</summary>
    private static TimeSpan Time(ulong milliseconds) =>
        TimeSpan.FromMilliseconds((long)Math.Min(milliseconds, (ulong)TimeSpan.MaxValue.TotalMilliseconds / 2));
}
