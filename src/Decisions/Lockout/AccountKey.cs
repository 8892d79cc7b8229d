using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Decisions.Lockout;

/// <summary>The one account that every spelling of a name leads to: the forest's DNS name (kept in lower case, without the
/// trailing dot) and the objectGUID. Also the pseudonym that logs use. A name that leads to no account has a key too, so that it
/// is counted by the same code; <see cref="IsKnown"/> tells them apart.</summary>
/// <exception cref="ArgumentException">The forest name is empty, too long or holds a space or a control character.</exception>
public sealed record AccountKey(string Forest, Guid ObjectGuid)
{
    /// <summary>The longest forest name, in bytes of UTF-8: a DNS name in text form (RFC 1035 2.3.4).</summary>
    public const int MaxForestBytes = 253;

    /// <summary>As long as 'n' formats a Guid.</summary>
    private const int GuidDigits = 32;

    /// <summary>The version that marks a Guid as made from a name (RFC 9562 5.8); directories make version 4.</summary>
    private const int MadeFromName = 8;

    /// <summary>False for the key of a name that leads to no account: what is counted of it is never stored.</summary>
    public bool IsKnown => ObjectGuid.Version != MadeFromName;

    public string Forest { get; } = Canonical(Forest) ?? throw new ArgumentException("not a forest name", nameof(Forest));

    /// <summary>The key of a name that leads to no account of the forest.</summary>
    /// <param name="canonicalName">The same for all spellings that the directory would take for one name.</param>
    public static AccountKey ForUnknownName(string forest, string canonicalName)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(canonicalName), digest);
        digest[6] = (byte)((digest[6] & 0x0F) | (MadeFromName << 4));
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new AccountKey(forest, new Guid(digest[..16], bigEndian: true));
    }

    /// <summary>A number in [0, <paramref name="count"/>) that is the same in every process and every release: journals and
    /// running clusters are laid out by it.</summary>
    public int Slot(int count)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(ToString()), digest);
        return (int)(BinaryPrimitives.ReadUInt64BigEndian(digest) % (ulong)count);
    }

    /// <summary><c>objectGUID.forest</c>, the form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => $"{ObjectGuid:n}.{Forest}";

    /// <summary>Reads the form of <see cref="ToString"/>; null if it is not one.</summary>
    public static AccountKey? TryParse(string text) =>
        text.Length > GuidDigits + 1 && text[GuidDigits] == '.' && Guid.TryParseExact(text[..GuidDigits], "n", out var objectGuid)
            ? TryCreate(text[(GuidDigits + 1)..], objectGuid)
            : null;

    /// <summary>For what comes from a network or a file; null if the forest name cannot be one.</summary>
    public static AccountKey? TryCreate(string forest, Guid objectGuid) =>
        Canonical(forest) is null ? null : new AccountKey(forest, objectGuid);

    private static string? Canonical(string forest)
    {
        var name = forest.EndsWith('.') ? forest[..^1] : forest;
        var valid = name.Length is > 0 and <= MaxForestBytes
            && name.EnumerateRunes().All(rune => !Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune) && rune != Rune.ReplacementChar)
            && Encoding.UTF8.GetByteCount(name.ToLowerInvariant()) <= MaxForestBytes;
        return valid ? name.ToLowerInvariant() : null;
    }
}
