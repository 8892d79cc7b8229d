using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Passthrough.Wire.Sealing;

/// <summary>What every part of a sealed attempt is bound to. Travels in the clear, is authenticated by each wrap and by the
/// sealed password. Layout and limits: docs/WIRE.md and <see cref="SealingLimits"/>.</summary>
/// <param name="Tenant">1 to 64 bytes of UTF-8.</param>
/// <param name="Forest">DNS name of the forest, 1 to 255 bytes of UTF-8.</param>
/// <param name="AttemptId">A UUIDv7.</param>
/// <param name="UserName">Exactly as typed, 1 to 960 bytes of UTF-8.</param>
/// <param name="IssuedAtUnixMs">By the gateway's clock. The agent never compares it with its own clock, only with the
/// session's opening, which is by the gateway's clock too.</param>
/// <param name="TimeToLiveMs">1 to 30,000.</param>
/// <param name="AttemptNumber">Which try of the gateway this is; 1 is the first.</param>
/// <param name="GatewayInstance">As in <c>Welcome.gateway_instance</c> (16 bytes, big-endian).</param>
/// <param name="Network">Where the sign-in comes from: /24 of an IPv4 address or /48 of an IPv6 address. Null: not known.</param>
/// <param name="Device">What the gateway calls the browser it comes from; null if that has not signed in before.</param>
public sealed record AttemptHeader(
    string Tenant,
    string Forest,
    Guid AttemptId,
    string UserName,
    long IssuedAtUnixMs,
    uint TimeToLiveMs,
    ushort AttemptNumber,
    Guid GatewayInstance,
    IPNetwork? Network = null,
    Guid? Device = null)
{
    private const int V4Bytes = 24 / 8, V6Bytes = 48 / 8, IdBytes = 16;


    /// <summary>The first byte of an encoded header.</summary>
    public const byte LayoutVersion = 1;

    /// <summary>The bytes that are bound.</summary>
    /// <exception cref="InvalidOperationException">A field is outside its limits: nothing may be sealed under it.</exception>
    public byte[] Encode()
    {
        if (FaultyField() is { } field)
        {
            throw new InvalidOperationException($"The attempt's {field} is outside its limits.");
        }

        var writer = new FieldWriter(stackalloc byte[SealingLimits.MaxHeaderBytes]);
        writer.Byte(LayoutVersion);
        writer.Short(Tenant);
        writer.Short(Forest);
        writer.Id(AttemptId);
        writer.Long(UserName);
        writer.UInt64((ulong)IssuedAtUnixMs);
        writer.UInt32(TimeToLiveMs);
        writer.UInt16(AttemptNumber);
        writer.Id(GatewayInstance);
        WriteSource(ref writer);
        return writer.Written.ToArray();
    }

    /// <summary>Reads an encoded header: <see cref="UnwrapFault.None"/>, <see cref="UnwrapFault.WrongVersion"/> or
    /// <see cref="UnwrapFault.BadHeader"/>. Any bytes may be given; each header has one encoding only.</summary>
    public static UnwrapFault Decode(ReadOnlySpan<byte> bytes, out AttemptHeader? header)
    {
        header = null;
        if (bytes.IsEmpty || bytes.Length > SealingLimits.MaxHeaderBytes)
        {
            return UnwrapFault.BadHeader;
        }

        if (bytes[0] != LayoutVersion)
        {
            return UnwrapFault.WrongVersion;
        }

        var reader = new FieldReader(bytes[1..]);
        var read = new AttemptHeader(
            reader.ShortText(SealingLimits.MaxTenantBytes),
            reader.ShortText(SealingLimits.MaxForestBytes),
            reader.Id(),
            reader.LongText(SealingLimits.MaxUserNameBytes),
            unchecked((long)reader.UInt64()),
            reader.UInt32(),
            reader.UInt16(),
            reader.Id(),
            ReadNetwork(ref reader),
            ReadDevice(ref reader));
        if (reader.Failed || !reader.AtEnd || read.FaultyField() is not null)
        {
            return UnwrapFault.BadHeader;
        }

        header = read;
        return UnwrapFault.None;
    }

    /// <summary>The attempt and its number; not the user name, which is personal.</summary>
    public override string ToString() => $"{AttemptId:n}#{AttemptNumber}";

    private string? FaultyField() =>
        !Fits(Tenant, SealingLimits.MaxTenantBytes) ? nameof(Tenant)
        : !Fits(Forest, SealingLimits.MaxForestBytes) ? nameof(Forest)
        : AttemptId.Version != 7 ? nameof(AttemptId)
        : !Fits(UserName, SealingLimits.MaxUserNameBytes) ? nameof(UserName)
        : IssuedAtUnixMs < 0 || IssuedAtUnixMs > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? nameof(IssuedAtUnixMs)
        : TimeToLiveMs == 0 || TimeToLiveMs > SealingLimits.MaxTimeToLive.TotalMilliseconds ? nameof(TimeToLiveMs)
        : AttemptNumber == 0 ? nameof(AttemptNumber)
        : Network is { } network && network.PrefixLength != 8 * BytesOf(network) ? nameof(Network)
        : null;

    private static int BytesOf(IPNetwork network) =>
        network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? V4Bytes : V6Bytes;

    private void WriteSource(ref FieldWriter writer)
    {
        writer.Short(Network is { } network ? network.BaseAddress.GetAddressBytes().AsSpan(0, BytesOf(network)) : []);
        writer.Byte(Device is null ? (byte)0 : (byte)IdBytes);
        if (Device is { } device)
        {
            writer.Id(device);
        }
    }

    private static IPNetwork? ReadNetwork(ref FieldReader reader)
    {
        var prefix = reader.ShortBytes(0, V4Bytes, V6Bytes);
        Span<byte> address = stackalloc byte[prefix.Length == V4Bytes ? 4 : 16];
        address.Clear();
        prefix.CopyTo(address);
        return prefix.IsEmpty ? null : new IPNetwork(new IPAddress(address), 8 * prefix.Length);
    }

    private static Guid? ReadDevice(ref FieldReader reader) =>
        reader.ShortBytes(0, IdBytes) is { IsEmpty: false } device ? new Guid(device, bigEndian: true) : null;

    private static bool Fits(string text, int maxBytes)
    {
        try
        {
            return text.Length > 0 && text.Length <= maxBytes && FieldWriter.StrictUtf8.GetByteCount(text) <= maxBytes;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
