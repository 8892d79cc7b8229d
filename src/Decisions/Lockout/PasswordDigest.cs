using System.Security.Cryptography;
using Passthrough.Decisions.Attempts;

namespace Passthrough.Decisions.Lockout;

/// <summary>What stands for a wrong password in memory: 128 bits of HMAC-SHA-256 under a <see cref="DigestKey"/>. Cannot be
/// printed, and is never stored: with its key it would let its holder try passwords.</summary>
public readonly struct PasswordDigest : IEquatable<PasswordDigest>
{
    private readonly Guid _bits;

    private PasswordDigest(Guid bits) => _bits = bits;

    /// <summary>From a message of another node.</summary>
    public static PasswordDigest FromWire(Guid bits) => new(bits);

    /// <summary>For a message to another node, and nothing else.</summary>
    public Guid ToWire() => _bits;

    internal static PasswordDigest Of(ReadOnlySpan<byte> mac) => new(new Guid(mac[..16]));

    public bool Equals(PasswordDigest other)
    {
        Span<byte> mine = stackalloc byte[16], others = stackalloc byte[16];
        _bits.TryWriteBytes(mine);
        other._bits.TryWriteBytes(others);
        return CryptographicOperations.FixedTimeEquals(mine, others);
    }

    public override bool Equals(object? obj) => obj is PasswordDigest other && Equals(other);

    public override int GetHashCode() => _bits.GetHashCode();

    public override string ToString() => "[digest]";

    public static bool operator ==(PasswordDigest left, PasswordDigest right) => left.Equals(right);

    public static bool operator !=(PasswordDigest left, PasswordDigest right) => !left.Equals(right);
}

/// <summary>The key of the digests of one account: drawn at random each time that the account comes into memory, and gone when
/// it leaves. Cannot be printed.</summary>
public sealed class DigestKey : IEquatable<DigestKey>
{
    /// <summary>In bytes.</summary>
    public const int Size = 32;

    private readonly Guid _first;
    private readonly Guid _second;

    private DigestKey(Guid first, Guid second) => (_first, _second) = (first, second);

    /// <param name="random">As many bytes as <see cref="Size"/>.</param>
    public static DigestKey Of(ReadOnlySpan<byte> random) => new(new Guid(random[..16]), new Guid(random[16..Size]));

    /// <summary>From a message of another node.</summary>
    public static DigestKey FromWire(Guid first, Guid second) => new(first, second);

    /// <summary>For a message to another node, and nothing else.</summary>
    public (Guid First, Guid Second) ToWire() => (_first, _second);

    public PasswordDigest Digest(TypedPassword password) => password.Reveal(this, static (key, utf8) =>
    {
        Span<byte> bytes = stackalloc byte[Size], mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        key._first.TryWriteBytes(bytes);
        key._second.TryWriteBytes(bytes[16..]);
        HMACSHA256.HashData(bytes, utf8, mac);
        CryptographicOperations.ZeroMemory(bytes);
        return PasswordDigest.Of(mac);
    });

    public bool Equals(DigestKey? other) => other is not null && _first == other._first && _second == other._second;

    public override bool Equals(object? obj) => Equals(obj as DigestKey);

    public override int GetHashCode() => _first.GetHashCode();

    public override string ToString() => "[key]";
}
