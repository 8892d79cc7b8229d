using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Lockout;

/// <summary>How a bind ended, as far as the count is concerned. The numbers are on the wire.</summary>
public enum Settlement
{
    /// <summary>Wrong password, or a bind may have been sent and its answer is unknown.</summary>
    Failed = 1,

    /// <summary>No bind was sent, or the directory refused for another reason than the password.</summary>
    Refunded = 2,

    /// <summary>Signed in.</summary>
    Succeeded = 3,
}

/// <summary>From what a verdict does to the count, to how its permit is settled.</summary>
public static class Settlements
{
    public static Settlement ToSettlement(this Counting counting) => counting switch
    {
        Counting.Refunds => Settlement.Refunded,
        Counting.Resets => Settlement.Succeeded,
        Counting.Counts or Counting.Provisional => Settlement.Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(counting), counting, "unknown counting"),
    };
}
