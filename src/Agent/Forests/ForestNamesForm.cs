using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.Serialization;
using Google.Protobuf;
using Passthrough.Decisions.Routing;

namespace Passthrough.Agent.Forests;

/// <summary>The names of a forest as they cross between nodes: protobuf, compressed, because one message holds all of them and the
/// largest message between nodes has 128,000 bytes (hocon/remote.conf). A forest of 200 domains and 500 suffixes that trusts one of
/// its own size takes some 30,000 bytes.</summary>
internal static class ForestNamesForm
{
    /// <summary>Compressed. With as many views of nodes as there may be it still fits into one message.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Uncompressed: what a message of a peer may make of memory here.</summary>
    public const int MaxPlainBytes = 1024 * 1024;

    private const int MaxNameBytes = 1024, Quality = 5, Window = 20;

    /// <summary>Why they cannot be told to other nodes, in one line; null if they can.</summary>
    public static string? Fault(ForestNames names)
    {
        var plain = ToMessage(names).CalculateSize();
        var bytes = plain > MaxPlainBytes ? plain : Write(names).Length;
        return plain > MaxPlainBytes || bytes > MaxBytes
            ? $"the names of {names.Name} ({names.Domains.Length} domains, {names.UpnSuffixes.Length} suffixes, {names.Trusts.Length} trusts) take "
                + $"{plain} bytes, {bytes} compressed: more than {MaxPlainBytes} or {MaxBytes}, the most that nodes tell each other"
            : null;
    }

    public static ByteString Write(ForestNames names)
    {
        var plain = ToMessage(names).ToByteArray();
        var compressed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, compressed, out var length, Quality, Window)
            ? ByteString.CopyFrom(compressed.AsSpan(0, length))
            : throw new SerializationException($"the names of {names.Name} cannot be compressed");
    }

    /// <exception cref="SerializationException">They are not as <see cref="Write"/> makes them.</exception>
    public static ForestNames Read(ByteString compressed)
    {
        var plain = ArrayPool<byte>.Shared.Rent(MaxPlainBytes);
        try
        {
            return compressed.Length <= MaxBytes && BrotliDecoder.TryDecompress(compressed.Span, plain.AsSpan(0, MaxPlainBytes), out var length)
                ? ToNames(Form.Names.Parser.ParseFrom(plain.AsSpan(0, length)))
                : throw Invalid("compressed names");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new SerializationException("names of a forest from another node cannot be read", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private static Form.Names ToMessage(ForestNames names) => new()
    {
        Name = names.Name,
        Domains = { names.Domains.Select(domain => new Form.Domain { DnsName = domain.DnsName, NetBiosName = domain.NetBiosName }) },
        UpnSuffixes = { names.UpnSuffixes },
        Trusts = { names.Trusts.Select(ToMessage) },
    };

    private static Form.Trust ToMessage(TrustedDomain trust) => new()
    {
        DnsName = trust.DnsName,
        NetBiosName = trust.NetBiosName,
        Kind = trust.Kind,
        Direction = trust.Direction,
        Attributes = trust.Attributes,
        HasInformation = trust.Information is not null,
        Records = { (trust.Information ?? []).Select(ToMessage) },
        Fault = trust.Fault is { } fault ? new Form.TrustFault { Offset = (uint)fault.Offset, What = fault.What } : null,
    };

    private static Form.TrustRecord ToMessage(ForestTrustRecord record)
    {
        var message = new Form.TrustRecord { Flags = record.Flags };
        if (record.Since is { } since)
        {
            message.SinceTicks = since.UtcTicks;
        }

        switch (record)
        {
            case ForestTrustRecord.TopLevelName name:
                message.TopLevelName = name.Name;
                break;
            case ForestTrustRecord.Exclusion exclusion:
                message.Exclusion = exclusion.Name;
                break;
            case ForestTrustRecord.DomainInformation domain:
                message.Domain = new Form.DomainInformation { Sid = domain.Sid, DnsName = domain.DnsName, NetBiosName = domain.NetBiosName };
                break;
            case ForestTrustRecord.Other other:
                message.Other = new Form.OtherRecord { Kind = other.Kind, Data = ByteString.CopyFrom(other.Data.AsSpan()) };
                break;
        }

        return message;
    }

    private static ForestNames ToNames(Form.Names m) => new(
        Normal(m.Name),
        [.. m.Domains.Select(domain => new DomainNames(Normal(domain.DnsName), domain.NetBiosName.Length > 0 ? Normal(domain.NetBiosName) : ""))],
        [.. m.UpnSuffixes.Select(Normal)],
        [.. m.Trusts.Select(ToTrust)]);

    private static TrustedDomain ToTrust(Form.Trust m) => new(
        Normal(m.DnsName), m.NetBiosName.Length > 0 ? Normal(m.NetBiosName) : "", m.Kind, m.Direction, m.Attributes,
        m.HasInformation ? ImmutableArray.CreateRange(m.Records.Select(ToRecord)) : null,
        m.Fault is { } fault ? new ForestTrustFault((int)Math.Min(fault.Offset, int.MaxValue), Text(fault.What)) : null);

    private static ForestTrustRecord ToRecord(Form.TrustRecord m)
    {
        DateTimeOffset? since = !m.HasSinceTicks ? null
            : m.SinceTicks >= 0 && m.SinceTicks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(m.SinceTicks, TimeSpan.Zero)
            : throw Invalid("time");
        return m.RecordCase switch
        {
            Form.TrustRecord.RecordOneofCase.TopLevelName => new ForestTrustRecord.TopLevelName(m.Flags, since, Text(m.TopLevelName)),
            Form.TrustRecord.RecordOneofCase.Exclusion => new ForestTrustRecord.Exclusion(m.Flags, since, Text(m.Exclusion)),
            Form.TrustRecord.RecordOneofCase.Domain =>
                new ForestTrustRecord.DomainInformation(m.Flags, since, Text(m.Domain.Sid), Text(m.Domain.DnsName), Text(m.Domain.NetBiosName)),
            Form.TrustRecord.RecordOneofCase.Other =>
                new ForestTrustRecord.Other(m.Flags, since, (byte)Math.Min(m.Other.Kind, byte.MaxValue), [.. m.Other.Data.Span]),
            _ => throw Invalid("record of a trust"),
        };
    }

    private static string Normal(string name) => NameSuffix.Normalise(name) == name ? name : throw Invalid("name");

    private static string Text(string text) => text.Length <= MaxNameBytes && !text.Any(char.IsControl) ? text : throw Invalid("text");

    private static SerializationException Invalid(string what) => new($"names of a forest from another node hold an impossible {what}");
}
