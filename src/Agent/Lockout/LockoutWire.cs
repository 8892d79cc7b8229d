namespace Passthrough.Agent.Lockout;

/// <summary>The form of the lockout's messages between nodes. Frozen: Hyperion reads fields by their place and has no versions,
/// so a shipped type is never changed. A change is a new type at the end of <see cref="Types"/> under a new manifest, and the
/// old one is read for one release more.</summary>
internal static class LockoutWire
{
    public static readonly IReadOnlyList<Type> Types =
    [
        typeof(AskPermitV1),
        typeof(SettlePermitV1),
        typeof(UnlockAccountV1),
        typeof(GrantedV1),
        typeof(LockedV1),
        typeof(TooManyOpenV1),
        typeof(SettledV1),
        typeof(UnlockedV1),
    ];

    public sealed record AskPermitV1(string Forest, Guid ObjectGuid, Guid Attempt, ulong Permit);

    public sealed record SettlePermitV1(string Forest, Guid ObjectGuid, Guid Attempt, ulong Permit, int How);

    public sealed record UnlockAccountV1(string Forest, Guid ObjectGuid);

    public sealed record GrantedV1(ulong Permit, long LifetimeTicks);

    public sealed record LockedV1(long ForTicks);

    public sealed record TooManyOpenV1;

    public sealed record SettledV1;

    public sealed record UnlockedV1;
}
