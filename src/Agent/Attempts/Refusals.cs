using Google.Protobuf;
using Passthrough.Decisions.Attempts;
using Passthrough.Wire.Sealing;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Attempts;

/// <summary>"Not attempted", as the stream says it.</summary>
internal static class Refusals
{
    /// <summary>Names the attempt by its header as it stands, authentic or not: the gateway believes nothing else of it. Null
    /// if the header cannot even be read.</summary>
    public static FromAgent? Of(Attempt attempt, HandBackReason reason) =>
        AttemptHeader.Decode(attempt.Header.Span, out var header) == UnwrapFault.None
            ? new FromAgent
            {
                NotAttempted = new NotAttempted
                {
                    AttemptId = ByteString.CopyFrom(header!.AttemptId.ToByteArray(bigEndian: true)),
                    AttemptNumber = header.AttemptNumber,
                    Reason = Word(reason),
                },
            }
            : null;

    private static NotAttempted.Types.Reason Word(HandBackReason reason) => reason switch
    {
        HandBackReason.Busy => NotAttempted.Types.Reason.Busy,
        HandBackReason.Expired => NotAttempted.Types.Reason.Expired,
        HandBackReason.ForestUnreachable => NotAttempted.Types.Reason.ForestUnreachable,
        HandBackReason.CannotUnseal => NotAttempted.Types.Reason.CannotUnseal,
        HandBackReason.ForestNotMine => NotAttempted.Types.Reason.ForestNotMine,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "unknown reason"),
    };
}
