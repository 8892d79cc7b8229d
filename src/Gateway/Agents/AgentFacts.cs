namespace Passthrough.Gateway.Agents;

/// <summary>What people want to know of an agent.</summary>
/// <param name="CertificateBegins">Of the one that its stream was opened with.</param>
internal sealed record AgentFacts(string Version, DateTimeOffset CertificateBegins, DateTimeOffset CertificateEnds);
