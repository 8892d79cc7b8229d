using Grpc.Core;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Agents;

/// <summary>Why a machine is not enrolled, in one line for its administrator.</summary>
public sealed class EnrolmentRefusedException : Exception
{
    private EnrolmentRefusedException(StatusCode status, string fault, string message)
        : base(message) => (Status, Fault) = (status, fault);

    public StatusCode Status { get; }

    /// <summary>A word of <see cref="EnrolmentFault"/>.</summary>
    public string Fault { get; }

    public static EnrolmentRefusedException TokenUnknown() => new(
        StatusCode.Unauthenticated, EnrolmentFault.TokenUnknown,
        "the join token is not one of this gateway's, or it was revoked: make one with 'passthrough-gateway token create'");

    public static EnrolmentRefusedException TokenExpired(DateTimeOffset at) => new(
        StatusCode.Unauthenticated, EnrolmentFault.TokenExpired,
        $"the join token expired at {at:u}: make another with 'passthrough-gateway token create'");

    public static EnrolmentRefusedException TokenUsed(DateTimeOffset at, string agentId) => new(
        StatusCode.Unauthenticated, EnrolmentFault.TokenUsed,
        $"the join token was used at {at:u} by agent {agentId}: each token enrols one agent; if that was not you, revoke that agent");

    public static EnrolmentRefusedException ClockWrong(DateTimeOffset now, TimeSpan difference) => new(
        StatusCode.FailedPrecondition, EnrolmentFault.ClockWrong,
        $"this machine's clock is {(long)difference.TotalSeconds} s from the gateway's, which says {now:u}: set the clock; the token stays good");

    public static EnrolmentRefusedException NotAName(int maxLength) => new(
        StatusCode.InvalidArgument, EnrolmentFault.NameRefused,
        $"the agent's name must be 1 to {maxLength} letters, digits, dots and hyphens; the token stays good");

    public static EnrolmentRefusedException NameTaken(string name) => new(
        StatusCode.InvalidArgument, EnrolmentFault.NameRefused,
        $"another agent of this tenant is called {name}: revoke it or choose another name; the token stays good");

    public static EnrolmentRefusedException RequestRefused() => new(
        StatusCode.InvalidArgument, EnrolmentFault.RequestRefused,
        "the certificate request is not one for a P-256 key, signed by that key; the token stays good");
}
