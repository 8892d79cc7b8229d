namespace Passthrough.Agent.Hosting;

/// <summary>The node cannot start. The message is one line for the operator: what happened, to which thing, what to do.</summary>
public sealed class ClusterStartException(string message, Exception? inner = null) : Exception(message, inner);
