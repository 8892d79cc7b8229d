using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Wire.Identity;

namespace Passthrough.Agent.Enrolment;

/// <summary>Who this agent is: its certificate with the private key, and the CA that both sides trust. Not disposed of by
/// hand: after a renewal the old one lives as long as the last stream that was opened with it.</summary>
internal sealed record StoredIdentity(
    X509Certificate2 Certificate, X509Certificate2 Authority, AgentIdentity Name, DateTimeOffset ObtainedAt)
{
    /// <summary>What signs this agent's sealing keys.</summary>
    public ECDsa SigningKey { get; } = Certificate.GetECDsaPrivateKey()
        ?? throw new ArgumentException("a certificate without its P-256 key", nameof(Certificate));

    public DateTimeOffset NotAfter => new(Certificate.NotAfter.ToUniversalTime());

    /// <summary>Where its life begins for the renewal: gateways date certificates back a little, for clocks that are slow.</summary>
    public DateTimeOffset LifeBegan
    {
        get
        {
            var notBefore = new DateTimeOffset(Certificate.NotBefore.ToUniversalTime());
            return ObtainedAt > notBefore && ObtainedAt < NotAfter ? ObtainedAt : notBefore;
        }
    }
}

/// <summary>What the gateway told at enrolment and an operator may read: no secret.</summary>
internal sealed record EnrolmentRecord(
    string AgentId, string AgentName, string Tenant, IReadOnlyList<string> Forests, IReadOnlyList<Uri> StreamAddresses);
