namespace Passthrough.Gateway.Agents;

/// <summary>Where the listeners are, once they listen.</summary>
public sealed class GatewayAddresses
{
    /// <summary>What agents are told to connect to: https://host:port, one for each gateway instance.</summary>
    public IReadOnlyList<string> Streams { get; set; } = [];
}
