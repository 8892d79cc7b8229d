using System.Net;

namespace Passthrough.Agent.Hosting;

/// <summary>This node's place in the cluster of agents.</summary>
public sealed class ClusterNodeOptions
{
    public const string DefaultName = "passthrough";

    /// <summary>The cluster's name: nodes of another name are not let in. Default "passthrough"; 1 to 40 letters, digits and
    /// hyphens, beginning with a letter.</summary>
    public string Name { get; set; } = DefaultName;

    /// <summary>The address that other nodes reach this one at, and the only one it listens on. Default 127.0.0.1. A loopback
    /// address: nodes of one machine may form a cluster. Traffic between nodes is not encrypted and its sender not proved, so
    /// another address is refused.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>TCP port. Default 4053; 1 to 65535, or 0 for one that the system picks.</summary>
    public int Port { get; set; } = 4053;

    /// <summary>Nodes to join by, each as <c>address:port</c>, the same list on every node. Default none: this node is a
    /// cluster of its own. At most 10.</summary>
    public string[] SeedNodes { get; set; } = [];

    /// <summary>Every fault at once, each as the name of a property and what it must be; empty if there is none.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (Name.Length is 0 or > 40 || !char.IsAsciiLetter(Name[0]) || !Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
        {
            faults.Add($"{nameof(Name)} is '{Name}': must be 1 to 40 letters, digits and hyphens, beginning with a letter");
        }

        if (!IPAddress.TryParse(BindAddress, out var address) || !IPAddress.IsLoopback(address))
        {
            faults.Add($"{nameof(BindAddress)} is '{BindAddress}': must be a loopback address, because traffic between nodes is not encrypted");
        }

        if (Port is < 0 or > IPEndPoint.MaxPort)
        {
            faults.Add($"{nameof(Port)} is {Port}: must be 0 to {IPEndPoint.MaxPort}");
        }

        if (SeedNodes.Length > 10)
        {
            faults.Add($"{nameof(SeedNodes)} names {SeedNodes.Length} nodes: must be at most 10");
        }

        faults.AddRange(SeedNodes.Where(seed => !IsLoopbackEndPoint(seed)).Select(seed =>
            $"{nameof(SeedNodes)} names '{seed}': must be a loopback address and a port, such as 127.0.0.1:4053"));
        return faults;
    }

    private static bool IsLoopbackEndPoint(string seed) =>
        IPEndPoint.TryParse(seed, out var endPoint) && endPoint.Port > 0 && IPAddress.IsLoopback(endPoint.Address);
}
