using System.Security.Cryptography;

namespace Passthrough.Decisions.Audit;

/// <summary>The end of the file that a writer is to go on from.</summary>
/// <param name="Good">Bytes up to the end of the last record that is right.</param>
/// <param name="Continue">The head that the next record follows.</param>
/// <param name="IsDamaged">What is wrong stands before a head, so no killed writer did it: it stays, and a new file is begun.</param>
/// <param name="Rest">Bytes after <paramref name="Good"/>.</param>
/// <param name="Digest">SHA-256 of the rest, in hex; empty if there is none.</param>
public sealed record AuditTail(long Good, AuditHead Continue, bool IsDamaged, long Rest, string Digest)
{
    private static ReadOnlySpan<byte> HeadMark => ",\"kind\":\"head\","u8;

    /// <summary>Follows the chain through the bytes to its end.</summary>
    /// <param name="from">Where the chain is before the bytes; null: they begin a file, and its first record says.</param>
    public static AuditTail Find(ReadOnlySpan<byte> bytes, AuditHead? from)
    {
        var chain = new AuditChain(from ?? Beginning(bytes) ?? AuditHead.None);
        var good = 0;
        while (AuditLine.TryRead(bytes[good..], out var line))
        {
            var before = chain.Head;
            if (!chain.TryFollow(line))
            {
                chain.Reset(before);
                break;
            }

            good += line.Length;
        }

        var rest = bytes[good..];
        var isDamaged = rest.IndexOf(HeadMark) >= 0 || (good == 0 && from is null && rest.Length > 0);
        return new AuditTail(
            good, isDamaged ? Claimed(rest, chain.Head) : chain.Head, isDamaged, rest.Length,
            rest.IsEmpty ? "" : Convert.ToHexStringLower(SHA256.HashData(rest)));
    }

    private static AuditHead? Beginning(ReadOnlySpan<byte> bytes) =>
        AuditLine.TryRead(bytes, out var line) && line.Number > 0 && AuditFields.Text(line.Json, "after") is { } after && AuditLine.IsHash(after)
            ? new AuditHead(line.Number - 1, after)
            : null;

    /// <summary>The greatest number that stands in what is damaged: no number is given twice.</summary>
    private static AuditHead Claimed(ReadOnlySpan<byte> rest, AuditHead last)
    {
        while (!rest.IsEmpty)
        {
            if (AuditLine.TryRead(rest, out var line) && line.Number > last.Number
                && System.Text.Encoding.ASCII.GetString(line.Hash) is var hash && AuditLine.IsHash(hash))
            {
                last = new AuditHead(line.Number, hash);
            }

            var end = rest.IndexOf((byte)'\n');
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return last;
    }
}
