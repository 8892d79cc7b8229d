namespace Passthrough.Wire.Sealing;

/// <summary>The numbers that both sides keep. Drawn up in docs/WIRE.md, which a test compares with this file.</summary>
public static class SealingLimits
{
    /// <summary>Bytes of UTF-8 in a tenant's name, 1 to this.</summary>
    public const int MaxTenantBytes = 64;

    /// <summary>Bytes of UTF-8 in a forest's name, 1 to this: the longest DNS name (RFC 1035 2.3.4).</summary>
    public const int MaxForestBytes = 255;

    /// <summary>Bytes of UTF-8 in a user name, 1 to this: 320 UTF-16 units of at most 3 bytes.</summary>
    public const int MaxUserNameBytes = 960;

    /// <summary>Bytes of an encoded header.</summary>
    public const int MaxHeaderBytes =
        1 + (1 + MaxTenantBytes) + (1 + MaxForestBytes) + 16 + (2 + MaxUserNameBytes) + 8 + 4 + 2 + 16 + (1 + 6) + (1 + 16);

    /// <summary>Bytes of a password, 1 to this: 256 UTF-16 units, which is what Active Directory keeps, of at most 3 bytes.</summary>
    public const int MaxPasswordBytes = 768;

    /// <summary>Wraps in one attempt.</summary>
    public const int MaxWraps = 256;

    /// <summary>Bytes of an answer's serialized detail.</summary>
    public const int MaxDetailBytes = 2048;

    /// <summary>Familiar sources that an answer names.</summary>
    public const int MaxFamiliarSources = 20;

    /// <summary>Wraps that a sender makes under one session key; the counters are 0 to one less.</summary>
    public const ulong MaxSessionMessages = 1 << 20;

    /// <summary>Time to live of an attempt, 1 ms to this.</summary>
    public static readonly TimeSpan MaxTimeToLive = TimeSpan.FromSeconds(30);

    /// <summary>How long a sender uses one session.</summary>
    public static readonly TimeSpan SenderLifetime = TimeSpan.FromSeconds(60);

    /// <summary>How long a receiver keeps one session, from when it was announced: the sender's time, the longest life of the
    /// last attempt in it, and 5 s for what was on its way.</summary>
    public static readonly TimeSpan ReceiverLifetime = SenderLifetime + MaxTimeToLive + TimeSpan.FromSeconds(5);

    /// <summary>How long an agent offers one sealing key.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(1);

    /// <summary>How much longer it accepts sessions under it: they may have been opened before the next key arrived.</summary>
    public static readonly TimeSpan KeyGrace = TimeSpan.FromMinutes(1);

    /// <summary>Sessions that one sealing key accepts in its life.</summary>
    public const int MaxSessionsPerKey = 1024;

    /// <summary>Sessions that an agent keeps at once, all its gateways together.</summary>
    public const int MaxSessions = 256;
}
