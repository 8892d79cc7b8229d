using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Passthrough.Gateway.Agents;
using Passthrough.Wire.Identity;

namespace Passthrough.Gateway.Tests.Support;

/// <summary>What an impostor makes: certificates that differ from real ones in the signature only.</summary>
internal static class Impostor
{
    public static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return CertificateProfiles.Authority(key).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    public static X509Certificate2 Agent(X509Certificate2 authority, ECDsa key, AgentIdentity identity)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = CertificateProfiles.Agent(new PublicKey(key), identity, "a")
            .Create(authority, now.AddMinutes(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }
}
