using System.Collections.Immutable;

namespace Passthrough.Decisions.Routing;

/// <summary>One record of what a forest trust says about the other forest (MS-ADTS 6.1.6.9.3.1).</summary>
/// <param name="Flags">What they mean depends on the kind of record (MS-LSAD 2.2.7.21): the same bit says different things.</param>
/// <param name="Since">When it was made or last enabled or disabled, UTC; null if the record holds no usable time.</param>
public abstract record ForestTrustRecord(uint Flags, DateTimeOffset? Since)
{
    /// <summary>Names at and under <paramref name="Name"/> belong to the other forest.</summary>
    /// <param name="Name">A DNS name in lower case, without a trailing dot.</param>
    public sealed record TopLevelName(uint Flags, DateTimeOffset? Since, string Name) : ForestTrustRecord(Flags, Since)
    {
        /// <summary>New and not yet confirmed (0x1), disabled by an administrator (0x2), in conflict with another forest
        /// (0x4).</summary>
        private const uint AnyDisabled = 0x7;

        public bool IsEnabled => (Flags & AnyDisabled) == 0;

        /// <summary>Why it does not route, for people; empty if it does.</summary>
        public string WhyDisabled =>
            (Flags & 0x4) != 0 ? "in conflict with another forest"
            : (Flags & 0x2) != 0 ? "disabled by an administrator"
            : (Flags & 0x1) != 0 ? "new, not enabled yet"
            : "";
    }

    /// <summary>Names at and under <paramref name="Name"/> do not belong to it, although a top level name covers them. Counts
    /// whatever its flags say: a doubt never routes.</summary>
    /// <param name="Name">A DNS name in lower case, without a trailing dot.</param>
    public sealed record Exclusion(uint Flags, DateTimeOffset? Since, string Name) : ForestTrustRecord(Flags, Since);

    /// <summary>A domain of the other forest.</summary>
    /// <param name="Sid">In its text form (MS-DTYP 2.4.2.1); empty if the record holds none.</param>
    /// <param name="DnsName">In lower case, without a trailing dot.</param>
    /// <param name="NetBiosName">In lower case.</param>
    public sealed record DomainInformation(uint Flags, DateTimeOffset? Since, string Sid, string DnsName, string NetBiosName)
        : ForestTrustRecord(Flags, Since)
    {
        private const uint NetBiosNameDisabled = 0x4 | 0x8;

        /// <summary>Whether the NetBIOS name routes; the SID has flags of its own (0x1, 0x2), which no name depends on.</summary>
        public bool IsNetBiosNameEnabled => (Flags & NetBiosNameDisabled) == 0;
    }

    /// <summary>A kind that routing does not use: binary (3), scanner (4), or one of later times. Kept, so that it can be
    /// reported.</summary>
    public sealed record Other(uint Flags, DateTimeOffset? Since, byte Kind, ImmutableArray<byte> Data) : ForestTrustRecord(Flags, Since);
}
