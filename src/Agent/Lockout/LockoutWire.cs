namespace Passthrough.Agent.Lockout;

/// <summary>The form of the lockout's messages between nodes. Frozen: Hyperion reads fields by their place and has no versions,
/// so a shipped type is never changed. A change is a new type at the end of <see cref="Types"/> under a new manifest, and the
/// old one is read for one release more.</summary>
internal static class LockoutWire
{
    public static readonly IReadOnlyList<Type> Types =
    [
        typeof(AskPermitV2),
        typeof(SettlePermitV2),
        typeof(UnlockAccountV2),
        typeof(GrantedV2),
        typeof(LockedV2),
        typeof(TooManyOpenV1),
        typeof(SettledV1),
        typeof(UnlockedV1),
        typeof(RepeatWrongV1),
        typeof(CompareFirstV1),
        typeof(BeatV1),
        typeof(EchoV1),
    ];

    /// <param name="Network">Empty: unknown.</param>
    /// <param name="Device">Empty: none.</param>
    /// <param name="IsCompared">0 or 1.</param>
    public sealed record AskPermitV2(
        string Forest, Guid ObjectGuid, Guid Attempt, ulong Permit, string Network, Guid Device, string Agent, long PasswordSetAt, int IsCompared);

    /// <param name="Wrong">Empty: none is told.</param>
    public sealed record SettlePermitV2(
        string Forest, Guid ObjectGuid, Guid Attempt, ulong Permit, int How, Guid Wrong, long PasswordSetAt);

    public sealed record UnlockAccountV2(string Forest, Guid ObjectGuid, string By, string Reason);

    /// <param name="KeyFirst">With <paramref name="KeySecond"/> both empty: no key.</param>
    public sealed record GrantedV2(ulong Permit, long LifetimeTicks, Guid KeyFirst, Guid KeySecond);

    /// <param name="FamiliarSources">Eight bytes each, big-endian, in base64.</param>
    public sealed record LockedV2(long FamiliarTicks, long UnfamiliarTicks, string FamiliarSources);

    public sealed record TooManyOpenV1;

    public sealed record SettledV1;

    public sealed record UnlockedV1;

    public sealed record RepeatWrongV1(string Forest, Guid ObjectGuid, Guid Wrong, long PasswordSetAt);

    public sealed record BeatV1(long Round, int Node);

    public sealed record EchoV1(long Round);

    /// <param name="Count">Of the digests, 1 to 3; the rest is empty.</param>
    public sealed record CompareFirstV1(Guid KeyFirst, Guid KeySecond, int Count, Guid First, Guid Second, Guid Third);
}
