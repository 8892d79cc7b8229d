namespace Passthrough.Agent.Connector;

/// <summary>Why a stream ended.</summary>
internal sealed record StreamEnd(string Reason)
{
    public static readonly StreamEnd Closed = new("the gateway closed it");
}
