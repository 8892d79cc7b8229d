using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace Passthrough.Agent.Hosting;

/// <summary>This node's place in the cluster of agents.</summary>
public sealed class ClusterNodeOptions
{
    public const string DefaultName = "passthrough";

    /// <summary>The cluster's name: nodes of another name are not let in. Default "passthrough"; 1 to 40 letters, digits and
    /// hyphens, beginning with a letter.</summary>
    public string Name { get; set; } = DefaultName;

    /// <summary>The address that this node listens on for others. Default 127.0.0.1: nodes of one machine may form a cluster. An IPv4
    /// or IPv6 address; with 0.0.0.0 or :: (all of this machine's) a <see cref="PublicAddress"/> must be given.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>TCP port. Default 4053; 1 to 65535, or 0 for one that the system picks.</summary>
    public int Port { get; set; } = 4053;

    /// <summary>The address that other nodes dial, where it is not the one this node listens on, as behind NAT. Default none: the bind
    /// address. An IP address or a DNS name.</summary>
    public string PublicAddress { get; set; } = "";

    /// <summary>The port that other nodes dial. Default 0: the one this node listens on; up to 65535.</summary>
    public int PublicPort { get; set; }

    /// <summary>Nodes to join by, each as <c>host:port</c>, the same list on every node. Default none: the gateway tells each agent its
    /// peers. At most 10.</summary>
    public string[] SeedNodes { get; set; } = [];

    /// <summary>Nobody outside of this machine can reach this node.</summary>
    public bool IsLocal => IPAddress.TryParse(BindAddress, out var address) && IPAddress.IsLoopback(address);

    /// <summary>Every fault at once, each as the name of a property and what it must be; empty if there is none.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (Name.Length is 0 or > 40 || !char.IsAsciiLetter(Name[0]) || !Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
        {
            faults.Add($"{nameof(Name)} is '{Name}': must be 1 to 40 letters, digits and hyphens, beginning with a letter");
        }

        faults.AddRange(AddressFaults());
        if (Port is < 0 or > IPEndPoint.MaxPort)
        {
            faults.Add($"{nameof(Port)} is {Port}: must be 0 to {IPEndPoint.MaxPort}");
        }

        if (PublicPort is < 0 or > IPEndPoint.MaxPort)
        {
            faults.Add($"{nameof(PublicPort)} is {PublicPort}: must be 0 to {IPEndPoint.MaxPort}");
        }

        if (SeedNodes.Length > 10)
        {
            faults.Add($"{nameof(SeedNodes)} names {SeedNodes.Length} nodes: must be at most 10");
        }

        faults.AddRange(SeedNodes.Where(seed => ParseNode(seed) is null).Select(seed =>
            $"{nameof(SeedNodes)} names '{seed}': must be an address or DNS name and a port, such as agent-1.example:4053"));
        return faults;
    }

    /// <summary>As the other nodes know this one.</summary>
    /// <param name="port">That it listens on.</param>
    public Address AddressAt(int port) => AddressOf(
        PublicAddress.Length > 0 ? HostOf(PublicAddress) : HostOf(IPAddress.Parse(BindAddress)), PublicPort > 0 ? PublicPort : port);

    /// <summary>A node's address in the cluster of this name; null if the text is not <c>host:port</c>.</summary>
    public Address? ParseNode(string node)
    {
        var colon = node.LastIndexOf(':');
        return colon > 0 && node.Length <= 262 && int.TryParse(node.AsSpan(colon + 1), out var port) && port is > 0 and <= IPEndPoint.MaxPort
            && IsHost(node[..colon])
            ? AddressOf(HostOf(node[..colon]), port)
            : null;
    }

    /// <summary>As it stands in an address: IPv6 in brackets.</summary>
    public static string HostOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{plain}]" : plain.ToString();
    }

    private static string HostOf(string host) => IPAddress.TryParse(host, out var address) ? HostOf(address) : host.ToLowerInvariant();

    private static bool IsHost(string host) => Uri.CheckHostName(host) switch
    {
        UriHostNameType.Dns => host.Length <= 253,
        UriHostNameType.IPv4 => true,
        UriHostNameType.IPv6 => host[0] == '[',
        _ => false,
    };

    private Address AddressOf(string host, int port) => new("akka.tcp", Name, host, port);

    private IEnumerable<string> AddressFaults()
    {
        if (!IPAddress.TryParse(BindAddress, out var bind))
        {
            yield return $"{nameof(BindAddress)} is '{BindAddress}': must be an IP address of this machine";
        }
        else if ((bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any)) && PublicAddress.Length == 0)
        {
            yield return $"{nameof(BindAddress)} is '{BindAddress}', all addresses: then {nameof(PublicAddress)} must say which one other nodes dial";
        }

        if (PublicAddress.Length > 0 && Uri.CheckHostName(PublicAddress) is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            yield return $"{nameof(PublicAddress)} is '{PublicAddress}': must be an IP address or a DNS name";
        }
    }
}
