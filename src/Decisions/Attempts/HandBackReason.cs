namespace Passthrough.Decisions.Attempts;

/// <summary>Why an agent gives an attempt back without having sent a bind: the gateway may ask another.</summary>
public enum HandBackReason
{
    Busy,
    Expired,
    ForestUnreachable,
    CannotUnseal,
    ForestNotMine,
}
