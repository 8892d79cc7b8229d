using Grpc.Core;
using Passthrough.Agent.Hosting;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Enrolment;

/// <summary>Says in one line why a call to a gateway failed.</summary>
internal static class GatewayFaults
{
    /// <param name="refusal">What was wrong with the gateway's certificate, if something was.</param>
    public static StartFault Explain(RpcException failure, Uri gateway, StartFault? refusal) =>
        refusal ?? FromTrailer(failure, gateway) ?? failure.StatusCode switch
        {
            StatusCode.Unavailable or StatusCode.DeadlineExceeded => new(
                FaultKind.GatewayUnreachable,
                $"{gateway} cannot be reached: {Innermost(failure)}; check the address and that this machine may connect to it"),
            StatusCode.ResourceExhausted => new(
                FaultKind.GatewayUnreachable, $"{gateway} takes no more requests now: {failure.Status.Detail}; try again in a minute"),
            _ => new(
                FaultKind.GatewayNotUnderstood,
                $"what answers at {gateway} is not a gateway's enrolment listener: {failure.StatusCode}, {Innermost(failure)}; "
                + "check address and port"),
        };

    /// <summary>As <see cref="Explain"/>, for the stream of an enrolled agent.</summary>
    public static StartFault ExplainStream(RpcException failure, Uri gateway) => failure.StatusCode switch
    {
        StatusCode.PermissionDenied or StatusCode.Unauthenticated => new(
            FaultKind.AgentRefused,
            $"{gateway} refuses this agent: {failure.Status.Detail}; if it was revoked by mistake, enrol it again with a new token"),
        StatusCode.Unimplemented => new(
            FaultKind.GatewayNotUnderstood, $"what answers at {gateway} has no agent stream; check address and port"),
        _ => new(FaultKind.GatewayUnreachable, $"{gateway} cannot be reached: {Innermost(failure)}"),
    };

    private static StartFault? FromTrailer(RpcException failure, Uri gateway)
    {
        var detail = failure.Status.Detail;
        return failure.Trailers.GetValue(EnrolmentFault.Trailer) switch
        {
            EnrolmentFault.TokenUnknown => new(
                FaultKind.TokenUnknown, $"{gateway} does not know this token, or it was revoked: make one with passthrough-gateway token create"),
            EnrolmentFault.TokenExpired => new(
                FaultKind.TokenExpired, "the token has expired: make a new one with passthrough-gateway token create"),
            EnrolmentFault.TokenUsed => new(
                FaultKind.TokenUsed, "the token was used before: if not by you, look at passthrough-gateway agent list and revoke "
                + "what you do not know; make a new token with passthrough-gateway token create"),
            EnrolmentFault.ClockWrong => new(
                FaultKind.ClockWrong, $"this machine's clock differs too much from the gateway's: {detail}; set the clock, the token is still good"),
            EnrolmentFault.NameRefused => new(
                FaultKind.EnrolmentRefused, $"the gateway refuses the agent's name: {detail}; choose another with --name, the token is still good"),
            EnrolmentFault.RequestRefused => new(
                FaultKind.EnrolmentRefused, $"the gateway refuses the certificate request: {detail}"),
            _ => null,
        };
    }

    /// <summary>The innermost cause names the socket's or the resolver's error; the outer ones only say that there is one.</summary>
    public static string Innermost(RpcException failure)
    {
        var cause = failure.Status.DebugException;
        while (cause?.InnerException is { } inner)
        {
            cause = inner;
        }

        var words = (cause?.Message ?? failure.Status.Detail).ReplaceLineEndings(" ");
        return failure.StatusCode == StatusCode.DeadlineExceeded || words.Length == 0 ? $"no answer ({failure.StatusCode})" : words;
    }
}
