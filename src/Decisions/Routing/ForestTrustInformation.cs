using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Passthrough.Decisions.Routing;

/// <summary>Reads msDS-TrustForestTrustInfo of a trustedDomain object (MS-ADTS 6.1.6.9.3).</summary>
public static class ForestTrustInformation
{
    /// <summary>The longest value that is read. A forest of 500 suffixes and 200 domains has some 40 KB.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int HeaderSize = 8, LengthSize = 4, RecordHeadSize = 13;
    private const int MaxNameBytes = 1024, MaxSidBytes = 68;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>All of it or nothing: half a table would route what the other half excludes.</summary>
    /// <param name="fault">Where it stops making sense, and why; null if it was read.</param>
    public static ImmutableArray<ForestTrustRecord>? TryParse(ReadOnlySpan<byte> blob, out ForestTrustFault? fault)
    {
        var reader = new Reader(blob.Length <= MaxBytes ? blob : default);
        if (blob.Length > MaxBytes)
        {
            reader.Fail($"longer than {MaxBytes} bytes");
        }

        if (reader.UInt32() is var version and not 1)
        {
            reader.Fail($"version {version} is not 1");
        }

        var count = reader.UInt32();
        if (count > (blob.Length - HeaderSize) / (LengthSize + RecordHeadSize))
        {
            reader.Fail($"{count} records do not fit");
        }

        var records = ImmutableArray.CreateBuilder<ForestTrustRecord>();
        for (var i = 0u; i < count && reader.Fault is null; i++)
        {
            // The length does not count itself (MS-ADTS; MS-DRSR says otherwise).
            var length = reader.UInt32();
            var end = reader.Offset + length;
            if (length < RecordHeadSize || end > (uint)blob.Length)
            {
                reader.Fail($"a record of {length} bytes");
                break;
            }

            records.Add(ReadRecord(ref reader, (int)end));
            if (reader.Fault is null && reader.Offset != end)
            {
                reader.Fail("the record goes on after its data");
            }
        }

        if (reader.Fault is null && reader.Offset != blob.Length)
        {
            reader.Fail("it goes on after its last record");
        }

        fault = reader.Fault;
        return fault is null ? records.ToImmutable() : null;
    }

    private static ForestTrustRecord ReadRecord(ref Reader reader, int end)
    {
        var flags = reader.UInt32();
        var since = reader.FileTime();
        var kind = reader.Byte();
        return kind switch
        {
            0 => new ForestTrustRecord.TopLevelName(flags, since, reader.DnsName(end)),
            1 => new ForestTrustRecord.Exclusion(flags, since, reader.DnsName(end)),
            2 => new ForestTrustRecord.DomainInformation(flags, since, reader.Sid(end), reader.DnsName(end), reader.NetBiosName(end)),
            _ => new ForestTrustRecord.Other(flags, since, kind, [.. reader.Bytes(end - reader.Offset)]),
        };
    }

    /// <summary>Reads on as if nothing had happened once it has failed; the first fault is kept.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Offset { get; private set; }

        public ForestTrustFault? Fault { get; private set; }

        public void Fail(string what) => Fault ??= new ForestTrustFault(Offset, what);

        public ReadOnlySpan<byte> Bytes(int length)
        {
            if (length < 0 || length > _bytes.Length - Offset)
            {
                Fail("it ends too early");
            }

            if (Fault is not null)
            {
                return default;
            }

            Offset += length;
            return _bytes.Slice(Offset - length, length);
        }

        public byte Byte() => Bytes(1) is { IsEmpty: false } one ? one[0] : (byte)0;

        public uint UInt32() => Bytes(4) is { IsEmpty: false } four ? BinaryPrimitives.ReadUInt32LittleEndian(four) : 0;

        /// <summary>A FILETIME. Samba writes it as one number; the specification has the high half first: what makes a date that
        /// a trust can have is taken.</summary>
        public DateTimeOffset? FileTime()
        {
            var (one, other) = (UInt32(), UInt32());
            return Date(((long)other << 32) | one) ?? Date(((long)one << 32) | other);
        }

        public string DnsName(int end)
        {
            var at = Offset;
            var name = Text(end);
            name = name.EndsWith('.') ? name[..^1] : name;
            if (Fault is null && (name.Length == 0 || name.Split('.').Any(label => label.Length == 0)))
            {
                Offset = at;
                Fail("not a DNS name");
            }

            return name;
        }

        public string NetBiosName(int end)
        {
            var at = Offset;
            var name = Text(end);
            if (Fault is null && name.Length > 15)
            {
                Offset = at;
                Fail("not a NetBIOS name");
            }

            return name;
        }

        /// <summary>Text form of a binary SID (MS-DTYP 2.4.2.2); empty if it is absent.</summary>
        public string Sid(int end)
        {
            var at = Offset;
            var sid = Counted(end, MaxSidBytes);
            if (Fault is not null || sid.IsEmpty)
            {
                return "";
            }

            if (sid.Length < 8 || sid[0] != 1 || sid.Length != 8 + (4 * sid[1]))
            {
                Offset = at;
                Fail("not a SID");
                return "";
            }

            var authority = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(sid[2..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(sid[4..]);
            var text = new StringBuilder($"S-1-{authority}");
            for (var rest = sid[8..]; !rest.IsEmpty; rest = rest[4..])
            {
                text.Append(CultureInfo.InvariantCulture, $"-{BinaryPrimitives.ReadUInt32LittleEndian(rest)}");
            }

            return text.ToString();
        }

        private string Text(int end)
        {
            var at = Offset;
            try
            {
                return StrictUtf8.GetString(Counted(end, MaxNameBytes)).ToLowerInvariant();
            }
            catch (DecoderFallbackException)
            {
                Offset = at;
                Fail("a name that is not UTF-8");
                return "";
            }
        }

        private ReadOnlySpan<byte> Counted(int end, int most)
        {
            var length = UInt32();
            if (Fault is null && (length > most || length > end - Offset))
            {
                Fail($"a field of {length} bytes");
            }

            return Bytes((int)Math.Min(length, int.MaxValue));
        }

        private static DateTimeOffset? Date(long fileTime)
        {
            const int Oldest = 1990, Newest = 2200;
            return fileTime > 0 && fileTime < new DateTimeOffset(Newest, 1, 1, 0, 0, 0, TimeSpan.Zero).ToFileTime()
                && DateTimeOffset.FromFileTime(fileTime).ToUniversalTime() is { Year: >= Oldest } date
                ? date
                : null;
        }
    }
}

/// <summary>Where a value stops making sense, in bytes from its start, and why.</summary>
public sealed record ForestTrustFault(int Offset, string What);
