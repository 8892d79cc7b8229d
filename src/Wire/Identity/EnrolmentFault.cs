namespace Passthrough.Wire.Identity;

/// <summary>Why a gateway refuses to enrol an agent: one of these words in the trailer <see cref="Trailer"/> of the failed
/// call. What is told of a token is told only to who holds its secret.</summary>
public static class EnrolmentFault
{
    public const string Trailer = "passthrough-fault";

    /// <summary>No token with this secret was made here, or it was revoked. Status Unauthenticated.</summary>
    public const string TokenUnknown = "token-unknown";

    /// <summary>Status Unauthenticated.</summary>
    public const string TokenExpired = "token-expired";

    /// <summary>Status Unauthenticated.</summary>
    public const string TokenUsed = "token-used";

    /// <summary>The agent's clock is further from the gateway's than <see cref="MaxClockDifference"/>. The message gives the
    /// gateway's time. The token stays unused. Status FailedPrecondition.</summary>
    public const string ClockWrong = "clock-wrong";

    /// <summary>The agent's name is not a name, or another agent of the tenant has it. The token stays unused. Status
    /// InvalidArgument.</summary>
    public const string NameRefused = "name-refused";

    /// <summary>The certificate request is not one, or is for a key that is not P-256. Status InvalidArgument.</summary>
    public const string RequestRefused = "request-refused";

    /// <summary>How far an agent's clock may be off: certificates are issued that much before now.</summary>
    public static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(5);
}
