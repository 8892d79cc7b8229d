using System.Buffers.Text;
using System.Security.Cryptography;

namespace Passthrough.Decisions.Audit;

/// <summary>One record as it stands in a file: <c>HASH SPACE JSON LF</c>. HASH is SHA-256 over the hash of the record before (32 bytes)
/// and the bytes of JSON, in base64url without padding. So each record vouches for all before it.</summary>
public readonly ref struct AuditLine(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> json, int length)
{
    /// <summary>Characters of a hash.</summary>
    public const int HashLength = 43;

    /// <summary>The longest line, in bytes: what a writer makes is much shorter.</summary>
    public const int MaxLength = 64 * 1024;

    private const int JsonAt = HashLength + 1;

    public ReadOnlySpan<byte> Hash { get; } = hash;

    public ReadOnlySpan<byte> Json { get; } = json;

    /// <summary>Bytes in the file, with the line feed.</summary>
    public int Length { get; } = length;

    /// <summary>The record's number: the first field. -1 if there is none.</summary>
    public long Number =>
        Json.StartsWith("{\"n\":"u8) && Utf8Parser.TryParse(Json[5..], out long number, out var digits)
        && number > 0 && Json.Length > 5 + digits && Json[5 + digits] == (byte)',' ? number : -1;

    /// <summary>The record's kind: the second field. Empty if there is none.</summary>
    public ReadOnlySpan<byte> Kind
    {
        get
        {
            var mark = ",\"kind\":\""u8;
            var comma = Json.IndexOf((byte)',');
            if (comma < 0 || !Json[comma..].StartsWith(mark))
            {
                return [];
            }

            var kind = Json[(comma + mark.Length)..];
            var end = kind.IndexOf((byte)'"');
            return end < 0 ? [] : kind[..end];
        }
    }

    /// <summary>Reads the first line of <paramref name="bytes"/>; false if there is no whole line of this form. Checks no hash.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AuditLine line)
    {
        var end = bytes[..Math.Min(bytes.Length, MaxLength)].IndexOf((byte)'\n');
        line = default;
        if (end < JsonAt + 2 || bytes[HashLength] != (byte)' ' || bytes[JsonAt] != (byte)'{' || bytes[end - 1] != (byte)'}')
        {
            return false;
        }

        line = new AuditLine(bytes[..HashLength], bytes[JsonAt..end], end + 1);
        return true;
    }

    public static bool IsHash(string text) =>
        text.Length == HashLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

/// <summary>The running end of a chain: the last record's number and hash. Not for several threads.</summary>
public sealed class AuditChain
{
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
    private readonly byte[] _text = new byte[AuditLine.HashLength];
    private byte[] _hashed = new byte[4096];

    public AuditChain(AuditHead from) => Reset(from);

    /// <summary>The last record's number; 0: none.</summary>
    public long Number { get; private set; }

    /// <summary>As text.</summary>
    public ReadOnlySpan<byte> Hash => _text;

    public AuditHead Head => new(Number, System.Text.Encoding.ASCII.GetString(_text));

    public void Reset(AuditHead to)
    {
        Number = to.Number;
        System.Text.Encoding.ASCII.GetBytes(to.Hash, _text);
        if (!Base64Url.TryDecodeFromChars(to.Hash, _hash, out var length) || length != _hash.Length)
        {
            // 43 characters can say two bits more than 32 bytes have: such a text is no hash of ours and leads nowhere.
            SHA256.HashData(_text, _hash);
        }
    }

    /// <summary>Goes on by one record, whatever it claims to be.</summary>
    public void Append(ReadOnlySpan<byte> json)
    {
        var length = _hash.Length + json.Length;
        if (_hashed.Length < length)
        {
            _hashed = new byte[length];
        }

        _hash.CopyTo(_hashed, 0);
        json.CopyTo(_hashed.AsSpan(_hash.Length));
        SHA256.HashData(_hashed.AsSpan(0, length), _hash);
        Base64Url.EncodeToUtf8(_hash, _text);
        Number++;
    }

    /// <summary>Goes on by one record if it is the next and its hash is right.</summary>
    public bool TryFollow(in AuditLine line)
    {
        if (line.Number != Number + 1)
        {
            return false;
        }

        Append(line.Json);
        return line.Hash.SequenceEqual(_text);
    }
}
