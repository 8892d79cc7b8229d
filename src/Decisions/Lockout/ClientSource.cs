using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Passthrough.Decisions.Lockout;

/// <summary>Where a sign-in comes from, as far as the lockout rule tells sources apart: the network of the person's address and
/// the device that the gateway's cookie names. Either may be missing; with neither it is nobody's familiar source.</summary>
/// <param name="Network">/24 of an IPv4 address, /48 of an IPv6 address: what one site usually has of the Internet.</param>
/// <param name="Device">Drawn at random by the gateway for a browser that signed in.</param>
public sealed record ClientSource(IPNetwork? Network, Guid? Device)
{
    public static readonly ClientSource Nowhere = new(null, null);

    private const int V4Prefix = 24, V6Prefix = 48;

    /// <summary>An IPv4 address that is mapped into IPv6 counts as the IPv4 address.</summary>
    public static ClientSource Of(IPAddress? address, Guid? device) => new(address is null ? null : NetworkOf(address), device);

    /// <summary>From the journal or from another node: the network as <see cref="IPNetwork"/> writes it, empty for none. Null if
    /// it is not one that <see cref="Of"/> makes.</summary>
    public static ClientSource? TryRead(string network, Guid? device) =>
        network.Length == 0 ? (device is null ? Nowhere : new ClientSource(null, device))
        : IPNetwork.TryParse(network, out var read) && NetworkOf(read.BaseAddress) == read ? new ClientSource(read, device)
        : null;

    /// <summary>One number for each of the parts that are there, the same in every process and every release: what is remembered
    /// of a familiar source. 64 bits of SHA-256, so a stranger meets a remembered one by chance in 2^-59 at most.</summary>
    public ImmutableArray<ulong> Fingerprints() =>
        [.. new[] { Network is { } network ? $"network {network}" : null, Device is { } device ? $"device {device:n}" : null }
            .OfType<string>().Select(part => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(part))))];

    /// <summary>For the log and the audit trail: the network; of the device only that there is one.</summary>
    public override string ToString() => (Network, Device) switch
    {
        ({ } network, null) => network.ToString(),
        ({ } network, _) => $"{network} with a device",
        (null, { }) => "a device",
        _ => "unknown",
    };

    private static IPNetwork NetworkOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = plain.GetAddressBytes();
        var bits = plain.AddressFamily == AddressFamily.InterNetwork ? V4Prefix : V6Prefix;
        bytes.AsSpan(bits / 8).Clear();
        return new IPNetwork(new IPAddress(bytes), bits);
    }
}
