using Passthrough.Wire.V1;

namespace Passthrough.Gateway.Agents;

/// <summary>What waits to be written to an agent.</summary>
/// <param name="Dispatch">If it is one.</param>
internal readonly record struct Outgoing(FromGateway Message, Dispatch? Dispatch);
