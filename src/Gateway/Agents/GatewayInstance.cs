namespace Passthrough.Gateway.Agents;

/// <summary>This run of this gateway: what is sealed names it.</summary>
public sealed class GatewayInstance
{
    public Guid Id { get; } = Guid.NewGuid();
}
